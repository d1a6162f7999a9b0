package dev.holdfast.contract;

import dev.holdfast.cache.CachePolicy;
import dev.holdfast.contract.caching.ComputeCacheSettings;
import dev.holdfast.contract.caching.DistributionConfig;
import dev.holdfast.contract.caching.InvalidationPolicy;
import dev.holdfast.contract.caching.KeyStrategy;
import dev.holdfast.contract.caching.PerformanceConfig;
import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.StateId;
import dev.holdfast.store.cache.Announcements;
import dev.holdfast.store.cache.Eviction;
import dev.holdfast.store.cache.ReadCacheOptions;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Caches: of computed results, and of what was read. Immutable.
 *
 * @param computeCache caches of computed results, {@code {}} by default
 * @param cachingEnabled whether reads of states may be answered from memory, {@code true} by default
 * @param cacheStrategy which state makes room: {@code lru}, the default, or {@code adaptive}
 * @param cacheBackend where entries are, {@code memory} by default
 * @param maxEntries how many states the cache of states holds; 1 or more, {@code 10000} by default
 * @param maxMemoryMb the memory of the cache of states, in MiB; 1 to 16384, {@code 512} by default
 * @param entrySizeLimitKb the largest state that is cached, in KiB; 1 to 1048576, {@code 1024} by default
 * @param keyStrategy how cached states are found, {@code {}} by default
 * @param invalidationPolicy what makes entries invalid beside changes, {@code {}} by default
 * @param distributionConfig how entries are shared by processes, {@code null} by default
 * @param performanceConfig what costs memory or time, {@code {}} by default
 * @param warmUpEnabled whether states are loaded at the start, {@code false} by default
 * @param warmUpSources which states are loaded at the start: {@code namespace/name}, or {@code namespace/*} for all of a namespace; {@code []}
 *     by default
 * @param warmUpBatchSize how many states are loaded before the next are looked up; 1 or more, {@code 100} by default
 * @param metricsEnabled whether the cache of states counts hits and misses, {@code true} by default
 * @param detailedMetrics whether it counts them for each namespace as well, {@code false} by default
 * @param performanceMonitoring whether reads that ask the database are timed, {@code true} by default
 * @param hitRatioThreshold the share of hits below which health is degraded; 0.1 to 1, {@code 0.8} by default
 * @param persistenceEnabled whether the cache survives a restart, {@code false} by default
 * @param persistenceIntervalMs how often it is written, in milliseconds; 1000 or more, {@code 60000} by default
 * @param recoveryEnabled whether it is read at the start, {@code false} by default
 * @param multiLevelEnabled whether there are two levels, {@code false} by default
 * @param l1CacheSize entries of the first level; 1 or more, {@code 1000} by default
 * @param l2CacheSize entries of the second level; 1 or more, {@code 10000} by default
 * @param promotionThreshold reads after which an entry rises to the first level; 1 or more, {@code 3} by default
 */
@Section("caching")
public record CachingContract(
    @Field(value = "{}", says = "caches of computed results")
    ComputeCacheSettings computeCache,

    @Field(value = "true", says = "whether reads of states may be answered from memory")
    boolean cachingEnabled,

    @Field(
        value = "lru",
        only = {"lru", "adaptive"},
        because = "the cache of states has no other order",
        says =
            "which state makes room: the one not read for the longest time, or by recency and frequency")
    CachePolicy cacheStrategy,

    @Field(
        value = "memory",
        min = 1,
        only = "memory",
        because = "there is no other place for cached entries than the memory of the process",
        says = "where entries are")
    String cacheBackend,

    @Field(value = "10000", min = 1, says = "how many states the cache of states holds")
    int maxEntries,

    @Field(value = "512", min = 1, max = 16384, says = "the memory of the cache of states, in MiB")
    int maxMemoryMb,

    @Field(
        value = "1024",
        min = 1,
        max = 1048576,
        says = "the largest state that is cached, in KiB")
    int entrySizeLimitKb,

    @Field(value = "{}", says = "how cached states are found")
    KeyStrategy keyStrategy,

    @Field(value = "{}", says = "what makes entries invalid beside changes")
    InvalidationPolicy invalidationPolicy,

    @Field(value = "null", says = "how entries are shared by processes") @Nullable
    DistributionConfig distributionConfig,

    @Field(value = "{}", says = "what costs memory or time") PerformanceConfig performanceConfig,

    @Field(value = "false", says = "whether states are loaded into the cache at the start")
    boolean warmUpEnabled,

    @Field(
        value = "[]",
        says =
            "which states are loaded at the start: `namespace/name`, or `namespace/*` for all of a namespace")
    List<String> warmUpSources,

    @Field(
        value = "100",
        min = 1,
        says = "how many states are loaded at the start before the next are looked up")
    int warmUpBatchSize,

    @Field(value = "true", says = "whether the cache of states counts hits and misses")
    boolean metricsEnabled,

    @Field(value = "false", says = "whether it counts them for each namespace as well")
    boolean detailedMetrics,

    @Field(
        value = "true",
        only = "true",
        because =
            "reads that ask the database are timed with all that does; metrics.enable_timers switches that",
        says = "whether reads that ask the database are timed")
    boolean performanceMonitoring,

    @Field(
        value = "0.8",
        min = 0.1,
        max = 1,
        says = "the share of hits below which health is degraded, once there were 1,000 reads")
    double hitRatioThreshold,

    @Field(
        value = "false",
        only = "false",
        because = "everything cached is in the database already",
        says = "whether the cache survives a restart")
    boolean persistenceEnabled,

    @Field(
        value = "60000",
        min = 1000,
        only = "60000",
        because = "the cache is never written: everything cached is in the database already",
        says = "how often the cache is written, in milliseconds")
    int persistenceIntervalMs,

    @Field(
        value = "false",
        only = "false",
        because =
            "after a restart states are read from the database; warm_up_enabled does that at the start",
        says = "whether the cache is read at the start")
    boolean recoveryEnabled,

    @Field(
        value = "false",
        only = "false",
        because = "there is one level, the memory of the process, before the database",
        says = "whether there are two levels")
    boolean multiLevelEnabled,

    @Field(
        value = "1000",
        min = 1,
        only = "1000",
        because = "there is one level; max_entries bounds it",
        says = "entries of the first level")
    int l1CacheSize,

    @Field(
        value = "10000",
        min = 1,
        only = "10000",
        because = "there is one level; max_entries bounds it",
        says = "entries of the second level")
    int l2CacheSize,

    @Field(
        value = "3",
        min = 1,
        only = "3",
        because = "there is one level, so nothing rises",
        says = "reads after which an entry rises to the first level")
    int promotionThreshold)
    implements Contract {

  /** The version of these fields and rules. */
  public static final SemanticVersion INTERFACE_VERSION = SemanticVersion.of(1, 0, 0);

  /** Checks every field, then the rules between them. */
  public CachingContract {
    warmUpSources = List.copyOf(warmUpSources);
    Checks.of(
            CachingContract.class,
            computeCache,
            cachingEnabled,
            cacheStrategy,
            cacheBackend,
            maxEntries,
            maxMemoryMb,
            entrySizeLimitKb,
            keyStrategy,
            invalidationPolicy,
            distributionConfig,
            performanceConfig,
            warmUpEnabled,
            warmUpSources,
            warmUpBatchSize,
            metricsEnabled,
            detailedMetrics,
            performanceMonitoring,
            hitRatioThreshold,
            persistenceEnabled,
            persistenceIntervalMs,
            recoveryEnabled,
            multiLevelEnabled,
            l1CacheSize,
            l2CacheSize,
            promotionThreshold)
        .rule(
            warmUpSources.stream().allMatch(CachingContract::isSource),
            "needs namespace/name or namespace/* everywhere, with namespaces and names that states can have",
            "warm_up_sources")
        .rule(
            !warmUpEnabled || (cachingEnabled && !warmUpSources.isEmpty()),
            "needs warm_up_sources, and caching_enabled, while it is true",
            "warm_up_enabled",
            "warm_up_sources",
            "caching_enabled")
        .rule(
            !multiLevelEnabled || l2CacheSize > l1CacheSize,
            "needs to be more than l1_cache_size while multi_level_enabled is true",
            "l2_cache_size",
            "l1_cache_size",
            "multi_level_enabled")
        .verify();
  }

  private static boolean isSource(String source) {
    int slash = source.indexOf('/');
    try {
      return slash > 0
          && !new StateId(source.substring(0, slash), source.substring(slash + 1))
              .name()
              .isEmpty();
    } catch (HoldfastException e) {
      return false;
    }
  }

  /** What the cache of states may use; how far it may be behind, and how often it asks, are those of the options' defaults. */
  public ReadCacheOptions readCache() {
    ReadCacheOptions options = ReadCacheOptions.defaults()
        .maximumWeight((long) maxMemoryMb << 20)
        .maximumStateWeight((long) entrySizeLimitKb << 10)
        .maximumStates(maxEntries)
        .eviction(cacheStrategy == CachePolicy.LRU ? Eviction.LRU : Eviction.ADAPTIVE)
        .timeToLive(Duration.ofSeconds(invalidationPolicy.ttlSeconds()))
        .maximumIdle(Duration.ofSeconds(invalidationPolicy.maxIdleSeconds()));
    if (invalidationPolicy.batchInvalidation()) {
      options = options.announcements(Announcements.NEVER);
    }
    if (detailedMetrics) {
      options = options.withCountsOfNamespaces();
    }
    if (!metricsEnabled) {
      options = options.withoutCounts();
    }
    return cachingEnabled ? options : options.disabled();
  }
}
