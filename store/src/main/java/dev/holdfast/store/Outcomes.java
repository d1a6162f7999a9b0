package dev.holdfast.store;

import dev.holdfast.store.internal.WriteOutcome;
import dev.holdfast.store.internal.WriteOutcome.Moved;

/** Turns what became of a write into the version to return, or the exception that says why there is none. Immutable. */
final class Outcomes {

  private final StateId id;
  private final Counters counters;

  Outcomes(StateId id, Counters counters) {
    this.id = id;
    this.counters = counters;
  }

  /** The version that a write made or found; {@code target} is the version that it asked for, if any. */
  long version(WriteOutcome outcome, long target) {
    if (outcome instanceof WriteOutcome.Written written) {
      return written.version();
    }
    if (outcome instanceof WriteOutcome.Unchanged unchanged) {
      return unchanged.version();
    }
    throw failure(outcome, target);
  }

  private RuntimeException failure(WriteOutcome outcome, long target) {
    if (outcome instanceof Moved moved) {
      counters.conflict();
      return new ConflictException(id, moved.key(), moved.expected(), moved.actual());
    }
    if (outcome instanceof WriteOutcome.NoSuchVersion none) {
      return new StateVersionException(id, none.current(), target);
    }
    if (outcome instanceof WriteOutcome.Cleared cleared) {
      return new StateRollbackException(id, target, cleared.oldest());
    }
    return new IllegalStateException("Unexpected outcome " + outcome);
  }
}
