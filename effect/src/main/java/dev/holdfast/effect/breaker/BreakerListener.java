package dev.holdfast.effect.breaker;

/**
 * Learns of the transitions of a {@link CircuitBreaker}. Called once for each, after it happened, in the thread that caused it and
 * without any lock: two threads can report in another order than the epochs say, and a slow listener delays the caller. It may call the
 * breaker. A {@link RuntimeException} of it is logged and changes nothing. Must be safe for use by multiple threads.
 */
@FunctionalInterface
public interface BreakerListener {

  /** A transition happened. */
  void onTransition(BreakerTransition transition);
}
