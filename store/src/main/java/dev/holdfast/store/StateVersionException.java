package dev.holdfast.store;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.Map;

/** A version that does not exist: it is negative, or newer than the newest. */
public final class StateVersionException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  private final long current;
  private final long target;

  StateVersionException(StateId state, long current, long target) {
    super(
        ErrorCode.VERSION,
        message(state, current, target),
        Map.of("state", state.toString(), "current", current, "target", target),
        null);
    this.current = current;
    this.target = target;
  }

  private static String message(StateId state, long current, long target) {
    String versions = target < 0 ? "a version is 0 or above" : "its versions are 0 to " + current;
    return "State " + state + " has no version " + target + "; " + versions;
  }

  /** The newest version; 0 when the version asked for is negative and the state was therefore not looked at. */
  public long current() {
    return current;
  }

  /** The version that was asked for. */
  public long target() {
    return target;
  }
}
