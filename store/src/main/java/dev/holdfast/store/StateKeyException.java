package dev.holdfast.store;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A required key is absent. Carries the key and at most {@value #MAX_SHOWN} of the keys that are there. */
public final class StateKeyException extends HoldfastException {

  /** How many of the available keys are named. */
  public static final int MAX_SHOWN = 10;

  private static final long serialVersionUID = 1L;

  private final String key;
  private final transient List<String> availableKeys;

  StateKeyException(StateId state, String key, List<String> someKeys) {
    super(
        ErrorCode.KEY_ABSENT,
        message(state, key, someKeys),
        Map.of("state", state.toString(), "key", key),
        null);
    this.key = key;
    this.availableKeys = shown(someKeys);
  }

  private static String message(StateId state, String key, List<String> someKeys) {
    String more = someKeys.size() > MAX_SHOWN ? ", …" : "";
    return "State " + state + " has no key \"" + Shown.key(key) + "\"; it has [" + names(someKeys)
        + more + "]";
  }

  private static String names(List<String> keys) {
    return shown(keys).stream().map(Shown::key).collect(Collectors.joining(", "));
  }

  private static List<String> shown(List<String> keys) {
    return List.copyOf(keys.subList(0, Math.min(MAX_SHOWN, keys.size())));
  }

  /** The key that is absent. */
  public String key() {
    return key;
  }

  /** At most {@value #MAX_SHOWN} keys of the state, in order. */
  public List<String> availableKeys() {
    return availableKeys;
  }
}
