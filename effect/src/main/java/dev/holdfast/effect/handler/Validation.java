package dev.holdfast.effect.handler;

import org.jspecify.annotations.Nullable;

/**
 * Refuses values that are not to be used. Must be quick, do no I/O, and be safe for use by multiple threads.
 *
 * @param <V> the type of values
 */
@FunctionalInterface
public interface Validation<V extends @Nullable Object> {

  /**
   * Returns when the value is good.
   *
   * @throws Exception that says what is wrong with it
   */
  void validate(V value) throws Exception;
}
