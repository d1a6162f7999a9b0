package dev.holdfast.effect.internal;

import org.jspecify.annotations.Nullable;

/**
 * An attempt as it is written. Immutable.
 *
 * @param ended whether it has ended
 * @param error what it failed with
 */
record Attempt(
    Position position,
    Phase phase,
    int number,
    boolean ended,
    @Nullable String error) {

  Attempt end(@Nullable String failure) {
    return new Attempt(position, phase, number, true, failure);
  }

  /** What one row is about. */
  String key() {
    return position + "/" + phase + "/" + number;
  }

  /** What is attempted. */
  enum Phase {
    PERFORM,
    RECONCILE,
    COMPENSATE,
    /** Compensating again, after a rollback failure. */
    RETRY
  }
}
