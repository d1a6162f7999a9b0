package dev.holdfast.effect.breaker;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Instant;
import java.util.Map;

/** A breaker did not let a call through: the call was not made. It may be repeated from {@link #until()} on. Immutable. */
public final class BreakerOpenException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  private final String name;
  private final Instant until;

  /** A rejection by a breaker that is open, or half-open with all probes under way. */
  public BreakerOpenException(String name, BreakerPhase phase, Instant until) {
    super(
        ErrorCode.BREAKER_OPEN,
        message(name, phase, until),
        Map.of("breaker", name, "phase", phase, "until", until),
        null);
    this.name = name;
    this.until = until;
  }

  private static String message(String name, BreakerPhase phase, Instant until) {
    String reason = phase == BreakerPhase.HALF_OPEN
        ? "is half-open and all its probes are under way"
        : "is open";
    return "The breaker '%s' %s; the call was not made, try again at %s"
        .formatted(name, reason, until);
  }

  /** The name of the breaker. */
  public String name() {
    return name;
  }

  /** When a call will be admitted at the latest, see {@link Decision.Rejected#until()}. */
  public Instant until() {
    return until;
  }
}
