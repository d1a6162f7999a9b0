package dev.holdfast.store;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Instant;
import java.util.Map;

/** A version that existed and was cleared from history, so that it can be neither read nor returned to. */
public final class StateRollbackException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  private final long target;
  private final long oldest;

  StateRollbackException(StateId state, long target, long oldest) {
    super(
        ErrorCode.VERSION_CLEARED,
        "Version " + target + " of state " + state + " was cleared; the oldest that can be read is "
            + oldest,
        Map.of("state", state.toString(), "target", target, "oldest", oldest),
        null);
    this.target = target;
    this.oldest = oldest;
  }

  /** For a time that lies before the oldest version that can be read. */
  StateRollbackException(StateId state, Instant time, long oldest) {
    super(
        ErrorCode.VERSION_CLEARED,
        "The version of state " + state + " at " + time
            + " was cleared; the oldest that can be read is " + oldest,
        Map.of("state", state.toString(), "time", time, "oldest", oldest),
        null);
    this.target = oldest - 1;
    this.oldest = oldest;
  }

  /** The version that was asked for; for a time, the newest that was cleared. */
  public long target() {
    return target;
  }

  /** The oldest version that can still be read. */
  public long oldest() {
    return oldest;
  }
}
