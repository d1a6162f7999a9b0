package dev.holdfast.store;

import org.jspecify.annotations.Nullable;

/**
 * A stored value and the version of the change that wrote it. Immutable as far as the value is.
 *
 * @param value the value, null for a stored JSON null
 * @param version the version of the state at which the key last changed
 */
public record Versioned<V>(@Nullable V value, long version) {}
