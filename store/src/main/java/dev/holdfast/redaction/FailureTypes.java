package dev.holdfast.redaction;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.internal.FailureFacts;
import java.util.stream.Collectors;

/**
 * What kind of failure it was, without a word of what it says: for places that leave the process and where nobody can tell what a message
 * contains, such as health and traces.
 */
public final class FailureTypes {

  private static final int MAX_CAUSES = 5;

  private FailureTypes() {}

  /** The names of the classes of a failure and its causes, five at most, those of Holdfast with their codes. */
  public static String of(Throwable failure) {
    return FailureFacts.chain(failure, MAX_CAUSES).stream()
        .map(FailureTypes::type)
        .collect(Collectors.joining(", caused by "));
  }

  private static String type(Throwable failure) {
    String code = failure instanceof HoldfastException own ? " (" + own.code() + ")" : "";
    return failure.getClass().getName() + code;
  }
}
