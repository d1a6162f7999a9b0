package dev.holdfast.store;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A write was made for a version that is no longer the newest. Nothing was written: read again and decide. A conflict is a normal
 * outcome of concurrent work, not a fault.
 */
public final class ConflictException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  private final transient StateId state;
  private final @Nullable String key;
  private final long expected;
  private final long actual;

  ConflictException(StateId state, @Nullable String key, long expected, long actual) {
    super(
        ErrorCode.CONFLICT,
        message(state, key, expected, actual),
        context(state, key, expected, actual),
        null);
    this.state = state;
    this.key = key;
    this.expected = expected;
    this.actual = actual;
  }

  private static String message(StateId state, @Nullable String key, long expected, long actual) {
    String subject =
        key == null ? "State " + state : "Key \"" + Shown.key(key) + "\" of state " + state;
    return subject + " was expected at version " + expected + " and is at version " + actual;
  }

  private static Map<String, Object> context(
      StateId state, @Nullable String key, long expected, long actual) {
    Map<String, Object> context = new LinkedHashMap<>();
    context.put("state", state.toString());
    if (key != null) {
      context.put("key", key);
    }
    context.put("expected", expected);
    context.put("actual", actual);
    return context;
  }

  /** The state that moved. */
  public StateId state() {
    return state;
  }

  /** The key that moved, when the write was made for the version of one key. */
  public Optional<String> key() {
    return Optional.ofNullable(key);
  }

  /** The version that the write was made for. */
  public long expected() {
    return expected;
  }

  /** The version that was found, 0 for a state or key that was never written. */
  public long actual() {
    return actual;
  }
}
