package dev.holdfast.store.internal;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Duration;

/** Durations that a clock can count: 292 years are as many nanoseconds as a {@code long} holds. Stateless. */
public final class Durations {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private Durations() {}

  /** Whether it is neither negative nor longer than 292 years. */
  public static boolean isCountable(Duration duration) {
    return !duration.isNegative() && duration.compareTo(LONGEST) <= 0;
  }

  /** Refuses what is negative or cannot be counted. */
  public static Duration requireCountable(String name, Duration duration) {
    if (!isCountable(duration)) {
      throw refused(name, "0", duration);
    }
    return duration;
  }

  /** Refuses what is shorter than a millisecond, or cannot be counted. */
  public static Duration requireMillis(String name, Duration duration) {
    if (duration.compareTo(SHORTEST) < 0 || !isCountable(duration)) {
      throw refused(name, "1 ms", duration);
    }
    return duration;
  }

  private static HoldfastException refused(String name, String least, Duration duration) {
    return new HoldfastException(
        ErrorCode.INVALID_ARGUMENT, name + " must be " + least + " to 292 years, not " + duration);
  }
}
