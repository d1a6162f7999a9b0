package dev.holdfast.store.validation;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.StateId;
import dev.holdfast.store.json.internal.TextRules;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A value breaks rules; nothing was written. The message names key, path and rule, and never holds a part of the value. */
public final class ValidationException extends HoldfastException {

  private static final long serialVersionUID = 1L;
  private static final int MAX_SHOWN = 200;

  private final transient List<Violation> violations;

  /** A value with what is wrong with it; at least one. */
  public ValidationException(StateId state, String key, List<Violation> violations) {
    super(
        ErrorCode.VALIDATION,
        "The value of key \"" + shown(key) + "\" of state " + state + " breaks a rule: "
            + violations.stream().map(Violation::toString).collect(Collectors.joining("; ")),
        Map.of("state", state.toString(), "key", key),
        null);
    this.violations = List.copyOf(violations);
  }

  /** What is wrong, in the order in which it was found: one when validation fails fast, else as many as the contract collects. */
  public List<Violation> violations() {
    return violations;
  }

  private static String shown(String text) {
    return TextRules.shown(text, MAX_SHOWN);
  }

  /**
   * A rule that is broken.
   *
   * @param path JSON Pointer to the part of the value, empty for the whole
   * @param rule the keyword of the schema, or the name of the constraint
   * @param where JSON Pointer to the keyword within its schema, empty for a constraint
   */
  public record Violation(String path, String rule, String where) {

    @Override
    public String toString() {
      return (path.isEmpty() ? "the whole" : shown(path)) + ": " + rule
          + (where.isEmpty() ? "" : " (schema " + shown(where) + ")");
    }
  }
}
