package dev.holdfast.contract.internal;

import dev.holdfast.contract.Contract;
import dev.holdfast.contract.ContractPart;
import dev.holdfast.contract.Contracts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON Schemas (2020-12) of contracts, for editors. A schema accepts what loading accepts, but for two things: rules between fields, and
 * texts that are blank.
 */
public final class JsonSchema {

  private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";

  private JsonSchema() {}

  /** The schema of one contract. */
  public static Map<String, Object> of(Class<? extends Contract> type) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("$schema", DIALECT);
    schema.put("title", ContractType.of(type).section());
    schema.putAll(object(ContractType.of(type), true));
    return schema;
  }

  /** The schema of a file with all sections. */
  public static Map<String, Object> ofFile() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put(ContractFiles.INCLUDE, include());
    for (Class<? extends Contract> type : Contracts.TYPES) {
      properties.put(ContractType.of(type).section(), orNull(object(ContractType.of(type), true)));
    }
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("$schema", DIALECT);
    schema.put("title", "holdfast.yaml");
    schema.put("type", "object");
    schema.put("additionalProperties", false);
    schema.put("properties", properties);
    return schema;
  }

  private static Map<String, Object> include() {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", List.of("string", "array"));
    schema.put("items", Map.of("type", "string"));
    return schema;
  }

  private static Map<String, Object> version() {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "string");
    schema.put("pattern", "^1\\.0\\.0");
    return schema;
  }

  private static Map<String, Object> orNull(Map<String, Object> schema) {
    schema.put("type", List.of("object", "null"));
    return schema;
  }

  private static Map<String, Object> object(
      ContractType<? extends ContractPart> type, boolean versioned) {
    Map<String, Object> properties = new LinkedHashMap<>();
    if (versioned) {
      properties.put(ContractReader.VERSION, version());
    }
    for (FieldType field : type.fields()) {
      properties.put(field.name(), field(field));
    }
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "object");
    schema.put("additionalProperties", false);
    schema.put("properties", properties);
    return schema;
  }

  private static Map<String, Object> field(FieldType field) {
    Map<String, Object> schema = field.isNested()
        ? object(field.nested(), false)
        : field.isList() ? list(field) : one(field);
    if (field.isNullable()) {
      Map<String, Object> either = new LinkedHashMap<>();
      either.put("anyOf", List.of(schema, Map.of("type", "null")));
      schema = either;
    }
    schema.put("description", field.spec().says());
    Object byDefault = plain(ContractType.defaultOf(field));
    putDefault(schema, byDefault);
    List<@Nullable Object> only = new ArrayList<>();
    field.honouredValues().forEach(value -> only.add(plain(value)));
    if (!only.isEmpty()) {
      schema.put("enum", only);
    }
    return schema;
  }

  @SuppressWarnings("NullAway") // A default may be null, and is then written as such.
  private static void putDefault(Map<String, Object> schema, @Nullable Object value) {
    schema.put("default", value);
  }

  private static @Nullable Object plain(@Nullable Object value) {
    if (value instanceof ContractPart part) {
      return ContractType.of(part.getClass()).values((Record) part);
    }
    return value instanceof Enum<?> constant ? constant.toString() : value;
  }

  private static Map<String, Object> list(FieldType field) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "array");
    schema.put("uniqueItems", true);
    schema.put("items", one(field));
    return schema;
  }

  private static Map<String, Object> one(FieldType field) {
    Map<String, Object> schema = new LinkedHashMap<>();
    if (field.isBoolean()) {
      schema.put("type", "boolean");
    } else if (field.isInteger() || field.isDecimal()) {
      schema.put("type", field.isInteger() ? "integer" : "number");
      bound(schema, field, "minimum", field.spec().min());
      bound(schema, field, "maximum", field.spec().max());
    } else {
      schema.put("type", "string");
      if (!field.constants().isEmpty()) {
        schema.put("enum", field.constants());
      } else if (field.spec().min() > 0) {
        schema.put("minLength", (int) field.spec().min());
      }
    }
    return schema;
  }

  private static void bound(
      Map<String, Object> schema, FieldType field, String name, double bound) {
    if (!Double.isInfinite(bound)) {
      schema.put(name, field.isInteger() ? (Object) (long) bound : (Object) bound);
    }
  }
}
