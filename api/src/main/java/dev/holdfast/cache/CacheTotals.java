package dev.holdfast.cache;

import dev.holdfast.cache.CacheStatistics.Counts;
import java.util.concurrent.atomic.LongAdder;

/**
 * What several caches counted together, those that are gone and cleared included, so that the numbers only grow. Safe for use by multiple
 * threads.
 */
public final class CacheTotals {

  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder evictions = new LongAdder();
  private final LongAdder expirations = new LongAdder();

  /** Nothing was counted yet. */
  public CacheTotals() {}

  void hit() {
    hits.increment();
  }

  void miss() {
    misses.increment();
  }

  void evicted() {
    evictions.increment();
  }

  void expired() {
    expirations.increment();
  }

  /** What was counted. A copy: it does not change. */
  public Counts counts() {
    return new Counts(hits.sum(), misses.sum(), evictions.sum(), expirations.sum());
  }
}
