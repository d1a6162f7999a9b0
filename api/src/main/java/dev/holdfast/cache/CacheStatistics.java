package dev.holdfast.cache;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a cache holds and how it was used. Immutable, a copy of one moment: the counts are exact once no call is under way.
 *
 * @param totalEntries how many entries it holds
 * @param expiredEntries how many of them have expired and were not removed yet
 * @param validEntries the others
 * @param maximumSize how many entries it may hold
 * @param counted what was counted since the cache was made or cleared; null for a cache without statistics
 */
public record CacheStatistics(
    int totalEntries,
    int expiredEntries,
    int validEntries,
    int maximumSize,
    @Nullable Counts counted) {

  /** What was counted; empty for a cache without statistics. */
  public Optional<Counts> counts() {
    return Optional.ofNullable(counted);
  }

  /**
   * What was counted. A call of {@code get} that waits for a computation under way, or makes one, is a miss.
   *
   * @param hits requests that were answered by an entry
   * @param misses requests that were not
   * @param evictions entries that made room for another
   * @param expirations entries that were removed because they had expired
   */
  public record Counts(long hits, long misses, long evictions, long expirations) {

    /** Hits and misses together. */
    public long requests() {
      return hits + misses;
    }

    /** The share of hits among the requests, in percent with two decimals, 0 to 100; 0 without requests. */
    public double hitRatePercent() {
      return requests() == 0 ? 0 : Math.round(10_000.0 * hits / requests()) / 100.0;
    }
  }
}
