package dev.holdfast.effect.internal;

import dev.holdfast.error.internal.FailureFacts;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.json.internal.TextRules;
import java.util.stream.Collectors;

/**
 * A failure as text that can be stored: sensitive fields are hidden. Immutable.
 *
 * @param message of the failure itself
 * @param chain it and its causes, one a line
 */
record FailureText(String message, String chain) {

  private static final int MAX_MESSAGE = 1_000;
  private static final int MAX_CAUSES = 20;

  static FailureText of(Throwable failure, Redactor redactor) {
    String chain = FailureFacts.chain(failure, MAX_CAUSES).stream()
        .map(cause -> line(cause, redactor))
        .collect(Collectors.joining("\ncaused by "));
    return new FailureText(line(failure, redactor), chain);
  }

  /** What PostgreSQL cannot store is escaped, like what would forge lines. */
  private static String line(Throwable failure, Redactor redactor) {
    return TextRules.shown(redactor.line(failure), MAX_MESSAGE);
  }
}
