package dev.holdfast.effect.internal;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.StateId;
import java.util.Map;

/** A step cannot be restored, because somebody else has changed its keys since, or nobody can tell any more. */
final class ChangedSinceException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  ChangedSinceException(StateId state, String what) {
    super(
        ErrorCode.CONFLICT,
        "State " + state + " cannot be restored: " + what,
        Map.of("state", state.toString()),
        null);
  }
}
