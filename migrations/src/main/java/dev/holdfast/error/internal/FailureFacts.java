package dev.holdfast.error.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What failures say of themselves. A class of the application may answer that with code of its own, which may fail as well, also with a
 * checked exception that it does not declare, as languages without them do; who records or shows a failure, or undoes what was done before
 * it, must not stop at that. Stateless.
 */
public final class FailureFacts {

  private FailureFacts() {}

  /** The message of a failure, or that it cannot be told. */
  public static @Nullable String message(Throwable failure) {
    try {
      return failure.getMessage();
    } catch (Throwable e) {
      return "the message cannot be told: " + e.getClass().getName();
    }
  }

  /** The cause of a failure; null for one that cannot be told, too. */
  public static @Nullable Throwable cause(Throwable failure) {
    try {
      return failure.getCause();
    } catch (Throwable e) {
      return null;
    }
  }

  /** Where a failure was made; what is missing there is left out, and nothing is there for one that cannot be told. */
  public static StackTraceElement[] stackTrace(Throwable failure) {
    try {
      return Arrays.stream(failure.getStackTrace())
          .filter(Objects::nonNull)
          .toArray(StackTraceElement[]::new);
    } catch (Throwable e) {
      return new StackTraceElement[0];
    }
  }

  /**
   * A failure and its causes, the outermost first.
   *
   * @param most how many at most; causes can go round in a circle
   */
  public static List<Throwable> chain(Throwable failure, int most) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable cause = failure; cause != null && chain.size() < most; cause = cause(cause)) {
      chain.add(cause);
    }
    return chain;
  }
}
