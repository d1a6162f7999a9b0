package dev.holdfast.store.retention;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Duration;

/** How old history can be asked to be. Stateless. */
final class Ages {

  /** As in the timeouts of a transaction; what is longer is beyond what a clock or the calendar of the database can count back. */
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private Ages() {}

  static Duration checked(String what, Duration age) {
    if (age.isNegative() || age.compareTo(LONGEST) > 0) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT, what + " is 0 to 292 years, not " + age);
    }
    return age;
  }
}
