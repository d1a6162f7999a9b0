package dev.holdfast.store.internal;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A state as one write has left it. The version alone would not do: where a server that lost its last writes goes on, others are given the
 * same versions again, and so they are where a transaction is rolled back. Immutable.
 *
 * @param version its newest version
 * @param changedAt the time of that version
 */
public record Position(long version, Instant changedAt) {

  /**
   * Whether the time was taken from the clock, so that it will not be given out again. Where the clock stands behind the last change, each
   * version comes a microsecond after the one before, whoever makes it.
   *
   * @param before where the state was before
   */
  boolean isOfClock(Position before) {
    return changedAt.isAfter(before.changedAt.plus(version - before.version, ChronoUnit.MICROS));
  }
}
