package dev.holdfast.effect.breaker;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Instant;

/**
 * Leave to make one call; its outcome is reported with it, once. Immutable.
 *
 * @param epoch the epoch of the breaker's state in which the call was admitted; outcomes of another epoch are not counted
 * @param number tells probes apart, unique within a breaker; 0 for a call that is not a probe
 * @param expiresAt when a probe counts as abandoned and its place is given to another; {@link Instant#MAX} for other calls
 */
public record Permit(long epoch, long number, Instant expiresAt) {

  /** Checks the ranges: epoch and number are not negative. */
  public Permit {
    if (epoch < 0 || number < 0) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "A permit has an epoch and a number of at least 0, not " + epoch + " and " + number);
    }
  }

  static Permit unlimited(long epoch) {
    return new Permit(epoch, 0, Instant.MAX);
  }

  /** Whether the call is one of the few that are admitted in {@link BreakerPhase#HALF_OPEN}. */
  public boolean isProbe() {
    return number > 0;
  }

  boolean isExpired(Instant now) {
    return !now.isBefore(expiresAt);
  }

  /** This permit, ending no later than a time: after the clock went backwards it must not last for the whole step. */
  Permit endingBy(Instant latest) {
    return expiresAt.isAfter(latest) ? new Permit(epoch, number, latest) : this;
  }
}
