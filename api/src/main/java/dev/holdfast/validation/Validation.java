package dev.holdfast.validation;

import dev.holdfast.contract.ValidationContract;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.StateId;
import dev.holdfast.store.json.internal.TextRules;
import dev.holdfast.store.validation.ValueRules;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * What the values of keys have to be: JSON Schemas (draft 2020-12 unless {@code $schema} says otherwise) and constraints, each for a
 * namespace and keys. A value has to keep all rules that are meant for it. Immutable and safe for use by multiple threads: every method
 * returns a new object.
 *
 * <pre>{@code
 * Holdfast.builder()
 *     .validation(Validation.none()
 *         .schema("trips", "passenger*", Path.of("schemas/passenger.json"))
 *         .constraint("quotas", "calls", "not negative", calls -> calls.isNumber() && calls.intValue() >= 0))
 * }</pre>
 *
 * <p>A namespace and a key may hold {@code *}, which stands for any characters or none.
 */
public final class Validation {

  private static final Validation NONE = new Validation(List.of());
  private static final int MAX_RULE_BYTES = 512;

  private final List<Rule> rules;

  private Validation(List<Rule> rules) {
    this.rules = rules;
  }

  /** No rules. */
  public static Validation none() {
    return NONE;
  }

  /** And values of these keys keep a JSON Schema, given as text. References to other documents are refused. */
  public Validation schema(String namespace, String key, String schema) {
    Objects.requireNonNull(schema, "schema");
    return schema(namespace, key, () -> schema);
  }

  /** And values of these keys keep the JSON Schema in a file. It is read again when the validators that are kept expire. */
  public Validation schema(String namespace, String key, Path file) {
    Objects.requireNonNull(file, "file");
    return schema(namespace, key, () -> read(file));
  }

  private Validation schema(String namespace, String key, Supplier<String> source) {
    return with(new SchemaRule(KeyPattern.of(namespace, key), source));
  }

  /**
   * And values of these keys keep a rule in code. It is called by the threads that write, must not change the tree, and what it throws
   * fails the write.
   *
   * @param rule its name, for error messages
   */
  public Validation constraint(
      String namespace, String key, String rule, Predicate<JsonNode> holds) {
    TextRules.requireText("rule", rule, MAX_RULE_BYTES);
    Objects.requireNonNull(holds, "holds");
    return with(new ConstraintRule(KeyPattern.of(namespace, key), rule, holds));
  }

  private Validation with(Rule rule) {
    List<Rule> more = new ArrayList<>(rules);
    more.add(rule);
    return new Validation(List.copyOf(more));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("The schema " + file + " cannot be read", e);
    }
  }

  /**
   * What the store asks, as the contract says. Every schema is read and compiled once, whether or not it is kept.
   *
   * @throws HoldfastException with {@link ErrorCode#CONFIGURATION} when a schema cannot be read or is none, naming its keys
   */
  public ValueRules rules(ValidationContract contract) {
    return rules(contract, System::nanoTime);
  }

  ValueRules rules(ValidationContract contract, NanoTime time) {
    List<Rule> used = rules.stream()
        .filter(rule -> rule instanceof SchemaRule
            ? contract.enableSchemaValidation()
            : contract.enableConstraintValidation())
        .toList();
    return used.isEmpty() ? ValueRules.NONE : new Validator(used, contract, time);
  }

  /** A clock that only runs forward. */
  @FunctionalInterface
  interface NanoTime {
    long now();
  }

  /** What some values have to be. */
  sealed interface Rule {
    KeyPattern keys();

    default boolean isFor(StateId state, String key) {
      return keys().matches(state, key);
    }
  }

  /**
   * A JSON Schema.
   *
   * @param source gives its text, anew each time
   */
  record SchemaRule(KeyPattern keys, Supplier<String> source) implements Rule {}

  /** A rule in code. */
  record ConstraintRule(KeyPattern keys, String rule, Predicate<JsonNode> holds) implements Rule {}
}
