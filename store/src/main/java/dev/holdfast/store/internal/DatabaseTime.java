package dev.holdfast.store.internal;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * Times as the database can compare them: in microseconds, and within its calendar. No change was made outside of the years 1 to 9999, so
 * cutting a time to these changes no answer.
 */
final class DatabaseTime {

  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("9999-12-31T00:00:00Z");

  private DatabaseTime() {}

  /** The last microsecond that is not after the time. */
  static OffsetDateTime notAfter(Instant time) {
    return within(time).truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
  }

  /** The first microsecond that is not before the time. */
  static OffsetDateTime notBefore(Instant time) {
    Instant cut = within(time).truncatedTo(ChronoUnit.MICROS);
    Instant first = cut.equals(within(time)) ? cut : cut.plus(1, ChronoUnit.MICROS);
    return first.atOffset(ZoneOffset.UTC);
  }

  private static Instant within(Instant time) {
    if (time.isBefore(FIRST)) {
      return FIRST;
    }
    return time.isAfter(LAST) ? LAST : time;
  }
}
