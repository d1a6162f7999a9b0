package dev.holdfast.effect.internal;

import dev.holdfast.error.internal.FailureFacts;
import java.util.Objects;

/** All attempts of a call failed. */
final class CallFailedException extends Exception {

  private static final long serialVersionUID = 1L;

  private final boolean uncertain;

  /**
   * The end of all attempts.
   *
   * @param uncertain whether after any of them it is open if it had an effect
   */
  CallFailedException(Throwable cause, boolean uncertain) {
    super(cause.getClass().getName() + ": " + FailureFacts.message(cause), cause, false, false);
    this.uncertain = uncertain;
  }

  boolean isUncertain() {
    return uncertain;
  }

  /** What the last attempt threw. */
  Throwable failure() {
    return Objects.requireNonNull(getCause());
  }
}
