package dev.holdfast.effect;

import org.jspecify.annotations.Nullable;

/**
 * What undoes a step. It is data, not code, so that any process can do it. Immutable.
 *
 * @param handler the handler whose {@code perform} undoes the step; null to restore what the step changed
 * @param request what that handler is asked; null without a handler
 */
public record Compensation(
    @Nullable String handler, @Nullable Object request) {

  private static final Compensation RESTORE = new Compensation(null, null);

  /**
   * Gives every key that the step changed the value it had before, as a new version of its state. If somebody else has changed one of the
   * keys since, nothing is restored and that is a rollback failure. The default.
   */
  public static Compensation restore() {
    return RESTORE;
  }

  /** Calls a registered handler with a request; what the step changed is not touched otherwise. */
  public static Compensation by(String handler, Object request) {
    return new Compensation(handler, request);
  }
}
