package dev.holdfast.redaction;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.internal.FailureFacts;
import java.util.ArrayList;
import java.util.List;

/**
 * What kind of failure it was, without a word of what it says: for places that leave the process and where nobody can tell what a message
 * contains, such as health and traces.
 */
public final class FailureTypes {

  private static final int MAX_CAUSES = 5;

  private FailureTypes() {}

  /** The names of the classes of a failure and its causes, five at most, those of Holdfast with their codes. */
  public static String of(Throwable failure) {
    List<String> types = new ArrayList<>();
    for (Throwable cause = failure;
        cause != null && types.size() < MAX_CAUSES;
        cause = FailureFacts.cause(cause)) {
      String code = cause instanceof HoldfastException own ? " (" + own.code() + ")" : "";
      types.add(cause.getClass().getName() + code);
    }
    return String.join(", caused by ", types);
  }
}
