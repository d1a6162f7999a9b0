/** What the read cache costs those who write: {@link dev.holdfast.benchmarks.cache.CacheSuite}. */
@NullMarked
package dev.holdfast.benchmarks.cache;

import org.jspecify.annotations.NullMarked;
