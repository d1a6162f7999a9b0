package dev.holdfast.store.retention;

import java.util.List;
import java.util.UUID;

/**
 * What a run did. The same is recorded in the database. Immutable.
 *
 * @param runId stands in the records of the run
 * @param states in order of the plan
 */
public record RetentionReport(UUID runId, List<StateRemoval> states) {

  /** Copies the list. */
  public RetentionReport {
    states = List.copyOf(states);
  }

  /** Number of rows of all states that were removed. */
  public long removed() {
    return states.stream().mapToLong(StateRemoval::removed).sum();
  }

  /** Number of rows of all states that became whole values. */
  public long folded() {
    return states.stream().mapToLong(StateRemoval::folded).sum();
  }
}
