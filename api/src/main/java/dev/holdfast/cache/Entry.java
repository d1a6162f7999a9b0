package dev.holdfast.cache;

import org.jspecify.annotations.Nullable;

/**
 * A value in a cache. Immutable.
 *
 * @param end when it expires, in nanoseconds of the cache's clock; {@link #NEVER} if it does not
 */
record Entry<V>(@Nullable V value, long end) {

  static final long NEVER = Long.MAX_VALUE;

  boolean isExpired(long now) {
    return now >= end;
  }
}
