package dev.holdfast.store.retention;

import dev.holdfast.store.StateId;
import java.util.OptionalLong;

/**
 * Somebody else's need of old versions, such as work that is under way and may have to be undone. Called by the thread that plans, once a
 * state, without a lock of the database; what it throws ends the plan.
 */
@FunctionalInterface
public interface VersionHold {

  /** The oldest version of a state that is needed, with everything after it; empty when nothing is. */
  OptionalLong oldestNeeded(StateId state);
}
