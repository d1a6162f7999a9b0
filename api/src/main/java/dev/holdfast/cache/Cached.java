package dev.holdfast.cache;

import org.jspecify.annotations.Nullable;

/**
 * A value that was found in a cache; being found and being null are two things.
 *
 * @param value the value, null when that is what was computed or put
 */
public record Cached<V>(@Nullable V value) {}
