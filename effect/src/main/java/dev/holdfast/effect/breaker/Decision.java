package dev.holdfast.effect.breaker;

import java.time.Instant;

/** The answer of a breaker to a request. Immutable. */
public sealed interface Decision {

  /** The state that follows from the request; the very object that was passed in when nothing changed. */
  BreakerState state();

  /**
   * The permit.
   *
   * @param name the name of the breaker, for the exception
   * @throws BreakerOpenException when the call was rejected
   */
  Permit orElseThrow(String name);

  /**
   * The call may be made; its outcome is to be reported with the permit. A probe is admitted only once the state is kept: with
   * compare-and-set, an admission whose state lost the race is void.
   */
  record Admitted(Permit permit, BreakerState state) implements Decision {
    @Override
    public Permit orElseThrow(String name) {
      return permit;
    }
  }

  /**
   * The call must not be made.
   *
   * @param until when a call will be admitted at the latest, if nobody else is faster: the end of {@link BreakerPhase#OPEN}, or the
   *     expiry of the first probe; in {@link BreakerPhase#HALF_OPEN} the end of a probe can make it earlier
   * @param state differs from the state asked only to forget abandoned probes, or when the clock went backwards; never so that a
   *     rejection makes the open phase longer
   */
  record Rejected(Instant until, BreakerState state) implements Decision {
    @Override
    public Permit orElseThrow(String name) {
      throw new BreakerOpenException(name, state.phase(), until);
    }
  }
}
