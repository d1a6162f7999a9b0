package dev.holdfast.store;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.Map;

/** The stored value of a key is of another JSON type than the operation works on. Nothing was written. */
public final class ValueTypeException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  private final String key;

  ValueTypeException(StateId state, String key, String operation, String needed) {
    super(
        ErrorCode.VALUE_TYPE,
        operation + " needs " + needed + " under key \"" + Shown.key(key) + "\" of state " + state
            + ", and found something else",
        Map.of("state", state.toString(), "key", key),
        null);
    this.key = key;
  }

  /** The key whose value is of another type. */
  public String key() {
    return key;
  }
}
