package dev.holdfast.validation;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.PathType;
import dev.holdfast.contract.ValidationContract;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.validation.ValidationException.Violation;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A JSON Schema that was read and compiled. Immutable and safe for use by multiple threads. */
final class CompiledSchema {

  private static final SpecificationVersion NEWEST = SpecificationVersion.DRAFT_2020_12;

  private final Schema schema;

  private CompiledSchema(Schema schema) {
    this.schema = schema;
  }

  /** Reads and compiles; whatever is wrong with the schema is found here and not when a value comes. */
  static CompiledSchema of(Validation.SchemaRule rule, ValidationContract contract) {
    try {
      JsonNode document = Json.parse(rule.source().get());
      requireSchema(document);
      References.check(document);
      Schema schema = registry(contract).getSchema(document);
      schema.initializeValidators();
      return new CompiledSchema(schema);
    } catch (RuntimeException e) {
      throw unusable(rule, String.valueOf(e.getMessage()), e);
    } catch (StackOverflowError e) {
      throw unusable(rule, "it is nested too deeply", e);
    }
  }

  private static HoldfastException unusable(
      Validation.SchemaRule rule, String reason, Throwable cause) {
    return new HoldfastException(
        ErrorCode.CONFIGURATION,
        "The JSON Schema for " + rule.keys().text() + " cannot be used: " + reason,
        Map.of("keys", rule.keys().text()),
        cause);
  }

  /** The library takes any document for a schema, and what it does not understand for no rule. */
  private static void requireSchema(JsonNode document) {
    String id = document.path("$schema").isString()
        ? document.path("$schema").stringValue()
        : NEWEST.getDialectId();
    SpecificationVersion version = SpecificationVersion.fromDialectId(id)
        .orElseThrow(() -> new IllegalArgumentException("$schema is no known draft: " + id));
    List<Error> errors = SchemaRegistry.withDefaultDialect(version)
        .getSchema(SchemaLocation.of(version.getDialectId()))
        .validate(document);
    if (!errors.isEmpty()) {
      throw new IllegalArgumentException(errors.get(0).toString());
    }
  }

  private static SchemaRegistry registry(ValidationContract contract) {
    SchemaRegistryConfig config = SchemaRegistryConfig.builder()
        .typeLoose(!contract.strictTypeChecking())
        .pathType(PathType.JSON_POINTER)
        .build();
    return SchemaRegistry.withDefaultDialect(
        NEWEST, builder -> builder.schemaRegistryConfig(config));
  }

  /** Everything that is wrong with a value. */
  List<Violation> violations(JsonNode value) {
    return schema.validate(value).stream().map(CompiledSchema::violation).toList();
  }

  /** The library's own messages may quote the value. */
  private static Violation violation(Error error) {
    String location = String.valueOf(error.getSchemaLocation());
    return new Violation(
        String.valueOf(error.getInstanceLocation()),
        String.valueOf(error.getKeyword()),
        location.substring(location.indexOf('#') + 1));
  }
}
