package dev.holdfast.validation;

import dev.holdfast.contract.ValidationContract;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.StateId;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.validation.ValidationException;
import dev.holdfast.store.validation.ValidationException.Violation;
import dev.holdfast.store.validation.ValueRules;
import dev.holdfast.validation.Validation.ConstraintRule;
import dev.holdfast.validation.Validation.NanoTime;
import dev.holdfast.validation.Validation.Rule;
import dev.holdfast.validation.Validation.SchemaRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** Validates as the contract says. Safe for use by multiple threads. */
final class Validator implements ValueRules {

  private final List<Rule> rules;
  private final ValidationContract contract;
  private final NanoTime time;
  private final Map<SchemaRule, Kept> kept = new ConcurrentHashMap<>();

  /** Compiles every schema, so that one that is none is found at the start. */
  Validator(List<Rule> rules, ValidationContract contract, NanoTime time) {
    this.rules = rules;
    this.contract = contract;
    this.time = time;
    for (Rule rule : rules) {
      if (rule instanceof SchemaRule schema) {
        kept.put(schema, compiled(schema));
      }
    }
  }

  @Override
  public boolean govern(StateId state, String key) {
    for (Rule rule : rules) {
      if (rule.isFor(state, key)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void check(StateId state, String key, String json) {
    List<Violation> violations = violations(state, key, json);
    if (!violations.isEmpty()) {
      throw new ValidationException(state, key, violations);
    }
  }

  private List<Violation> violations(StateId state, String key, String json) {
    int most = contract.enableFailFast() ? 1 : contract.maxValidationErrors();
    List<Violation> violations = new ArrayList<>();
    JsonNode value = null;
    for (Rule rule : rules) {
      if (violations.size() < most && rule.isFor(state, key)) {
        value = value == null ? Json.parse(json) : value;
        violations.addAll(violations(rule, state, key, value));
      }
    }
    return violations.subList(0, Math.min(most, violations.size()));
  }

  private List<Violation> violations(Rule rule, StateId state, String key, JsonNode value) {
    if (rule instanceof ConstraintRule constraint) {
      return holds(constraint, state, key, value)
          ? List.of()
          : List.of(new Violation("", constraint.rule(), ""));
    }
    return broken((SchemaRule) rule, state, key, value);
  }

  /** How deep is too deep depends on the schema and on the thread. */
  private List<Violation> broken(SchemaRule rule, StateId state, String key, JsonNode value) {
    CompiledSchema schema = schema(rule);
    try {
      return schema.violations(value);
    } catch (StackOverflowError e) {
      throw new HoldfastException(
          ErrorCode.VALIDATION,
          "The value of key \"" + key + "\" of state " + state
              + " is nested too deeply for the JSON Schema for " + rule.keys().text(),
          Map.of("state", state.toString(), "key", key, "keys", rule.keys().text()),
          e);
    }
  }

  /** What a constraint throws may quote the value, so it is the cause and not part of the message. */
  private static boolean holds(
      ConstraintRule constraint, StateId state, String key, JsonNode value) {
    try {
      return constraint.holds().test(value);
    } catch (RuntimeException e) {
      throw new HoldfastException(
          ErrorCode.VALIDATION,
          "The constraint \"" + constraint.rule() + "\" failed for the value of key \"" + key
              + "\" of state " + state,
          Map.of("state", state.toString(), "key", key, "rule", constraint.rule()),
          e);
    }
  }

  private CompiledSchema schema(SchemaRule rule) {
    if (!contract.enableValidationCaching()) {
      return CompiledSchema.of(rule, contract);
    }
    Kept before = kept.get(rule);
    if (before != null && time.now() - before.since() < lifetime()) {
      return before.schema();
    }
    Kept after = compiled(rule);
    kept.put(rule, after);
    return after.schema();
  }

  private long lifetime() {
    return TimeUnit.SECONDS.toNanos(contract.validationCacheTtlSeconds());
  }

  private Kept compiled(SchemaRule rule) {
    return new Kept(CompiledSchema.of(rule, contract), time.now());
  }

  /** A compiled schema and since when it is kept. */
  private record Kept(CompiledSchema schema, long since) {}
}
