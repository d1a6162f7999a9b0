package dev.holdfast.store.retention;

import java.util.List;

/**
 * What a run is going to do, counted row by row; nothing was changed yet. The counts are exact as long as nobody forks a state, names or
 * unnames a version, clears history or registers a consumer of the change feed in between. Writers may go on. Immutable.
 *
 * @param states the states of which something is to be cleared or removed
 */
public record RetentionPlan(List<StateRemoval> states) {

  /** Copies the list. */
  public RetentionPlan {
    states = List.copyOf(states);
  }

  /** Number of rows of all states to be removed. */
  public long removed() {
    return states.stream().mapToLong(StateRemoval::removed).sum();
  }

  /** Number of rows of all states that are to become whole values. */
  public long folded() {
    return states.stream().mapToLong(StateRemoval::folded).sum();
  }
}
