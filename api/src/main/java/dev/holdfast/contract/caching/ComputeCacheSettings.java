package dev.holdfast.contract.caching;

import dev.holdfast.cache.CachePolicy;
import dev.holdfast.cache.CacheTotals;
import dev.holdfast.cache.ComputeCache;
import dev.holdfast.contract.ContractPart;
import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;
import java.time.Duration;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What every compute cache is made with. Immutable.
 *
 * @param maxSize how many entries a compute cache holds; 1 to 10000, {@code 128} by default
 * @param ttlSeconds how long an entry is valid, in seconds; null for as long as there is room; 1 or more, {@code 3600} by default
 * @param evictionPolicy which entry makes room for another, {@code lru} by default
 * @param enableStats whether hits, misses, evictions and expirations are counted, {@code true} by default
 */
@Section("caching.compute_cache")
public record ComputeCacheSettings(
    @Field(value = "128", min = 1, max = 10000, says = "how many entries a compute cache holds")
    int maxSize,

    @Field(
        value = "3600",
        min = 1,
        says = "how long an entry is valid, in seconds; null for as long as there is room")
    @Nullable
    Integer ttlSeconds,

    @Field(value = "lru", says = "which entry makes room for another")
    CachePolicy evictionPolicy,

    @Field(value = "true", says = "whether hits, misses, evictions and expirations are counted")
    boolean enableStats)
    implements ContractPart {

  /** Checks every field, then the rules between them. */
  public ComputeCacheSettings {
    Checks.of(ComputeCacheSettings.class, maxSize, ttlSeconds, evictionPolicy, enableStats)
        .verify();
  }

  /** Whole minutes of the time to live, rounded down; empty when entries do not expire. */
  public OptionalInt ttlMinutes() {
    return ttlSeconds == null ? OptionalInt.empty() : OptionalInt.of(ttlSeconds / 60);
  }

  /** A new, empty cache with these settings. */
  public <K, V> ComputeCache<K, V> newCache() {
    return newCache(new CacheTotals());
  }

  /** A new, empty cache with these settings that also counts into totals. */
  public <K, V> ComputeCache<K, V> newCache(CacheTotals totals) {
    ComputeCache.Builder builder =
        ComputeCache.builder().policy(evictionPolicy).maximumSize(maxSize).totals(totals);
    if (ttlSeconds == null) {
      builder.withoutExpiry();
    } else {
      builder.timeToLive(Duration.ofSeconds(ttlSeconds));
    }
    return (enableStats ? builder : builder.withoutStatistics()).build();
  }
}
