package dev.holdfast.effect.handler;

import org.jspecify.annotations.Nullable;

/** Does something in the outside world. Must be safe for use by multiple threads. */
@FunctionalInterface
public interface Perform<Q, S> {

  /**
   * Does it. Blocks as long as it takes; is interrupted when the handler's timeout is over, and should end soon then. It may be called
   * again with the same idempotency key, which must not do it twice.
   *
   * @throws Exception when it could not be done
   */
  @Nullable
  S perform(EffectContext context, Q request) throws Exception;
}
