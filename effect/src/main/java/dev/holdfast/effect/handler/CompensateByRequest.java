package dev.holdfast.effect.handler;

/**
 * Undoes what {@link Perform} did, or may have done, without its response: the outside system finds it by the idempotency key or the
 * request. Must be safe for use by multiple threads.
 */
@FunctionalInterface
public interface CompensateByRequest<Q> {

  /**
   * Undoes it, or does nothing when nothing had been done. May be called again for the same operation and must bear that.
   *
   * @throws Exception when it could not be undone; that becomes a rollback failure
   */
  void compensate(EffectContext context, Q request) throws Exception;
}
