package dev.holdfast.error.internal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What failures say of themselves. A class of the application may answer that with code of its own, which may fail as well; who records or
 * shows a failure, or undoes what was done before it, must not stop at that. Stateless.
 */
public final class FailureFacts {

  private FailureFacts() {}

  /** The message of a failure, or that it cannot be told. */
  public static @Nullable String message(Throwable failure) {
    try {
      return failure.getMessage();
    } catch (RuntimeException | Error e) {
      return "the message cannot be told: " + e.getClass().getName();
    }
  }

  /** The cause of a failure; null for one that cannot be told, too. */
  public static @Nullable Throwable cause(Throwable failure) {
    try {
      return failure.getCause();
    } catch (RuntimeException | Error e) {
      return null;
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
