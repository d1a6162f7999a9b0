package dev.holdfast.effect.handler;

/** Undoes what {@link Perform} did. Must be safe for use by multiple threads. */
@FunctionalInterface
public interface Compensate<Q, S> {

  /**
   * Undoes it. May be called again for the same operation, when an attempt failed or its process died, and must bear that.
   *
   * @param response what was answered; null if and only if the handler answered null
   * @throws Exception when it could not be undone; that becomes a rollback failure
   */
  void compensate(EffectContext context, Q request, S response) throws Exception;
}
