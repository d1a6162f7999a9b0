package dev.holdfast.cache;

import org.jspecify.annotations.Nullable;

/**
 * Computes the value of a key.
 *
 * @param <E> what it throws
 */
@FunctionalInterface
public interface Computation<K, V, E extends Exception> {

  /** The value, which may be null. Must not ask the same cache for the same key. */
  @Nullable
  V compute(K key) throws E;
}
