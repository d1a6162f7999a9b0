package dev.holdfast.store;

import dev.holdfast.store.internal.ChangeSet.Item;
import org.jspecify.annotations.Nullable;

/**
 * What a read-modify-write makes of the value it read. Immutable.
 *
 * @param item what to write, null for nothing
 * @param result what the caller gets once it is written
 */
record Edit<R>(@Nullable Item item, R result) {}
