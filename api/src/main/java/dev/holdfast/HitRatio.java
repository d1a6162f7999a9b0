package dev.holdfast;

import dev.holdfast.health.HealthCheck;
import dev.holdfast.health.HealthResult;
import dev.holdfast.store.cache.ReadCacheMetrics;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Checks which share of the cached reads was answered from memory, over the reads since the last judgement: there is one whenever there were
 * enough of them. Safe for use by multiple threads.
 */
final class HitRatio implements HealthCheck {

  static final long LEAST_READS = 1_000;

  private final double threshold;
  private final Supplier<ReadCacheMetrics> metrics;
  private long hits;
  private long misses;
  private HealthResult last = HealthResult.healthy();

  /**
   * A check that has seen no reads.
   *
   * @param threshold the share below which health is degraded, 0 to 1
   */
  HitRatio(double threshold, Supplier<ReadCacheMetrics> metrics) {
    this.threshold = threshold;
    this.metrics = metrics;
  }

  @Override
  public synchronized HealthResult check() {
    ReadCacheMetrics now = metrics.get();
    long newHits = now.hits() - hits;
    long reads = newHits + now.misses() - misses;
    if (reads >= LEAST_READS) {
      last = judged(newHits / (double) reads, reads);
      begin(now);
    }
    return last;
  }

  private HealthResult judged(double ratio, long reads) {
    HealthResult result = ratio < threshold
        ? HealthResult.degraded(String.format(
            Locale.ROOT,
            "less than %.0f %% of the cached reads find their state in memory",
            threshold * 100))
        : HealthResult.healthy();
    return result.with("hit_ratio", Math.round(ratio * 1_000) / 1_000.0).with("reads", reads);
  }

  /** Forgets the reads so far: loading states at the start misses every one of them. */
  synchronized void restart() {
    begin(metrics.get());
  }

  private void begin(ReadCacheMetrics now) {
    hits = now.hits();
    misses = now.misses();
  }
}
