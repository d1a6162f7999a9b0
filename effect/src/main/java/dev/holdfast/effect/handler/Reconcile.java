package dev.holdfast.effect.handler;

/** Finds out whether an operation whose outcome is not known had an effect. Must be safe for use by multiple threads. */
@FunctionalInterface
public interface Reconcile<Q, S> {

  /**
   * Asks the outside system, by the idempotency key or the request.
   *
   * @throws Exception when it could not be found out
   */
  Reconciliation<S> reconcile(EffectContext context, Q request) throws Exception;
}
