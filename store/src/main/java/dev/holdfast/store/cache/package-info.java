/**
 * Reads of states from memory: how old they may be ({@link dev.holdfast.store.cache.ReadMode}), what the cache may use
 * ({@link dev.holdfast.store.cache.ReadCacheOptions}) and how it does ({@link dev.holdfast.store.cache.ReadCacheMetrics}). Begin with {@code
 * ReadMode}.
 */
@NullMarked
package dev.holdfast.store.cache;

import org.jspecify.annotations.NullMarked;
