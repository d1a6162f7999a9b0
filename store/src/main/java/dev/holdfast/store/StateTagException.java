package dev.holdfast.store;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.Map;

/**
 * No version of the state has the tag that was asked for ({@link ErrorCode#TAG_ABSENT}), or another version has the tag that was to be given
 * ({@link ErrorCode#ALREADY_EXISTS}). Nothing was changed.
 */
public final class StateTagException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  private final String tag;

  private StateTagException(ErrorCode code, String message, Map<String, ?> context, String tag) {
    super(code, message, Map.copyOf(context), null);
    this.tag = tag;
  }

  static StateTagException absent(StateId state, String tag) {
    return new StateTagException(
        ErrorCode.TAG_ABSENT,
        "No version of state " + state + " has the tag \"" + Shown.key(tag) + "\"",
        Map.of("state", state.toString(), "tag", tag),
        tag);
  }

  static StateTagException taken(StateId state, String tag, long version) {
    return new StateTagException(
        ErrorCode.ALREADY_EXISTS,
        "The tag \"" + Shown.key(tag) + "\" of state " + state + " names version " + version
            + "; remove it first, or choose another name",
        Map.of("state", state.toString(), "tag", tag, "version", version),
        tag);
  }

  /** The tag. */
  public String tag() {
    return tag;
  }
}
