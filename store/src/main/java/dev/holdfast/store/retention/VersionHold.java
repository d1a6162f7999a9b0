package dev.holdfast.store.retention;

import dev.holdfast.store.StateId;
import java.util.OptionalLong;

/**
 * Somebody else's need of old versions, such as work that is under way and may have to be undone. Called without a lock of the database, by the
 * thread that plans, once a state, and by the one that runs what was planned, twice: before history is cleared, so that what is needed by then stays
 * readable, and before rows are removed, so that what is needed by then is there. Later is too late. What it throws ends the plan or the run.
 */
@FunctionalInterface
public interface VersionHold {

  /** The oldest version of a state that is needed, with everything after it; empty when nothing is. */
  OptionalLong oldestNeeded(StateId state);
}
