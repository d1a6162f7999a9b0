package dev.holdfast.store.cache.internal;

/**
 * Up to when it is known what has changed. All that changed before was seen, and the floors of those states were raised before this was
 * published. Immutable.
 *
 * @param epoch counts the watches; a new one knows nothing of what happened before it
 * @param at in the nanoseconds of {@link System#nanoTime()}
 */
record Watched(long epoch, long at) {}
