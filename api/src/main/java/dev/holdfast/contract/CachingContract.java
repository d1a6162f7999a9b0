package dev.holdfast.contract;

import dev.holdfast.cache.CachePolicy;
import dev.holdfast.cache.CacheTotals;
import dev.holdfast.cache.ComputeCache;
import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;
import dev.holdfast.store.cache.ReadCacheOptions;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Caches: of computed results, and of what was read. Immutable.
 *
 * @param computeCache caches of computed results, {@code {}} by default
 * @param cachingEnabled whether reads of states may be answered from memory, {@code true} by default
 * @param cacheStrategy which entry makes room, {@code lru} by default; not used yet
 * @param cacheBackend where entries are, {@code memory} by default
 * @param maxEntries how many entries the cache of states holds; 1 or more, {@code 10000} by default; not used yet
 * @param maxMemoryMb the memory of the cache of states, in MiB; 1 to 16384, {@code 512} by default
 * @param entrySizeLimitKb the largest state that is cached, in KiB; 1 to 1048576, {@code 1024} by default
 * @param keyStrategy how keys of entries are made, {@code {}} by default
 * @param invalidationPolicy what makes entries invalid, {@code {}} by default
 * @param distributionConfig how entries are shared by processes, {@code null} by default; not used yet
 * @param performanceConfig what costs memory or time, {@code {}} by default
 * @param warmUpEnabled whether entries are loaded at the start, {@code false} by default; not used yet
 * @param warmUpSources which states are loaded at the start, {@code []} by default; not used yet
 * @param warmUpBatchSize how many states are loaded at once; 1 or more, {@code 100} by default; not used yet
 * @param metricsEnabled whether the cache of states counts hits and misses, {@code true} by default; not used yet
 * @param detailedMetrics whether it counts them for each state, {@code false} by default; not used yet
 * @param performanceMonitoring whether it measures times, {@code true} by default; not used yet
 * @param hitRatioThreshold the share of hits below which health warns; 0.1 to 1, {@code 0.8} by default; not used yet
 * @param persistenceEnabled whether the cache survives a restart, {@code false} by default; not used yet
 * @param persistenceIntervalMs how often it is written, in milliseconds; 1000 or more, {@code 60000} by default; not used yet
 * @param recoveryEnabled whether it is read at the start, {@code false} by default; not used yet
 * @param multiLevelEnabled whether there are two levels, {@code false} by default; not used yet
 * @param l1CacheSize entries of the first level; 1 or more, {@code 1000} by default; not used yet
 * @param l2CacheSize entries of the second level; 1 or more, {@code 10000} by default; not used yet
 * @param promotionThreshold reads after which an entry rises to the first level; 1 or more, {@code 3} by default; not used yet
 */
@Section("caching")
public record CachingContract(
    @Field(value = "{}", says = "caches of computed results")
    ComputeCacheSettings computeCache,

    @Field(value = "true", says = "whether reads of states may be answered from memory")
    boolean cachingEnabled,

    @Field(value = "lru", min = 1, planned = true, says = "which entry makes room")
    String cacheStrategy,

    @Field(
        value = "memory",
        min = 1,
        only = "memory",
        because = "there is no other place for cached entries than the memory of the process",
        says = "where entries are")
    String cacheBackend,

    @Field(
        value = "10000",
        min = 1,
        planned = true,
        says = "how many entries the cache of states holds")
    int maxEntries,

    @Field(value = "512", min = 1, max = 16384, says = "the memory of the cache of states, in MiB")
    int maxMemoryMb,

    @Field(
        value = "1024",
        min = 1,
        max = 1048576,
        says = "the largest state that is cached, in KiB")
    int entrySizeLimitKb,

    @Field(value = "{}", says = "how keys of entries are made")
    KeyStrategy keyStrategy,

    @Field(value = "{}", says = "what makes entries invalid")
    InvalidationPolicy invalidationPolicy,

    @Field(value = "null", planned = true, says = "how entries are shared by processes") @Nullable
    DistributionConfig distributionConfig,

    @Field(value = "{}", says = "what costs memory or time") PerformanceConfig performanceConfig,

    @Field(value = "false", planned = true, says = "whether entries are loaded at the start")
    boolean warmUpEnabled,

    @Field(value = "[]", planned = true, says = "which states are loaded at the start")
    List<String> warmUpSources,

    @Field(value = "100", min = 1, planned = true, says = "how many states are loaded at once")
    int warmUpBatchSize,

    @Field(
        value = "true",
        planned = true,
        says = "whether the cache of states counts hits and misses")
    boolean metricsEnabled,

    @Field(value = "false", planned = true, says = "whether it counts them for each state")
    boolean detailedMetrics,

    @Field(value = "true", planned = true, says = "whether it measures times")
    boolean performanceMonitoring,

    @Field(
        value = "0.8",
        min = 0.1,
        max = 1,
        planned = true,
        says = "the share of hits below which health warns")
    double hitRatioThreshold,

    @Field(value = "false", planned = true, says = "whether the cache survives a restart")
    boolean persistenceEnabled,

    @Field(
        value = "60000",
        min = 1000,
        planned = true,
        says = "how often it is written, in milliseconds")
    int persistenceIntervalMs,

    @Field(value = "false", planned = true, says = "whether it is read at the start")
    boolean recoveryEnabled,

    @Field(value = "false", planned = true, says = "whether there are two levels")
    boolean multiLevelEnabled,

    @Field(value = "1000", min = 1, planned = true, says = "entries of the first level")
    int l1CacheSize,

    @Field(value = "10000", min = 1, planned = true, says = "entries of the second level")
    int l2CacheSize,

    @Field(
        value = "3",
        min = 1,
        planned = true,
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
            !multiLevelEnabled || l2CacheSize > l1CacheSize,
            "needs to be more than l1_cache_size while multi_level_enabled is true",
            "l2_cache_size",
            "l1_cache_size",
            "multi_level_enabled")
        .verify();
  }

  /** What the cache of states may use; everything else of it is as it is by default. */
  public ReadCacheOptions readCache() {
    ReadCacheOptions options = ReadCacheOptions.defaults()
        .maximumWeight((long) maxMemoryMb << 20)
        .maximumStateWeight((long) entrySizeLimitKb << 10);
    return cachingEnabled ? options : options.disabled();
  }

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

  /**
   * How keys of entries are made. Immutable.
   *
   * @param keyGenerationMethod how keys of entries are made, {@code composite_hash} by default; not used yet
   * @param namespace what all keys begin with, {@code null} by default; not used yet
   * @param includeVersion whether an entry carries the version of its state, {@code true} by default; not used yet
   * @param hashAlgorithm the hash of keys, {@code sha256} by default; not used yet
   * @param keySeparator what stands between the parts of a key, {@code ":"} by default; not used yet
   * @param maxKeyLength the longest key, in characters; 1 or more, {@code 250} by default; not used yet
   */
  @Section("caching.key_strategy")
  public record KeyStrategy(
      @Field(
          value = "composite_hash",
          min = 1,
          planned = true,
          says = "how keys of entries are made")
      String keyGenerationMethod,

      @Field(value = "null", planned = true, says = "what all keys begin with") @Nullable
      String namespace,

      @Field(
          value = "true",
          planned = true,
          says = "whether an entry carries the version of its state")
      boolean includeVersion,

      @Field(value = "sha256", min = 1, planned = true, says = "the hash of keys")
      String hashAlgorithm,

      @Field(
          value = "\":\"",
          min = 1,
          planned = true,
          says = "what stands between the parts of a key")
      String keySeparator,

      @Field(value = "250", min = 1, planned = true, says = "the longest key, in characters")
      int maxKeyLength)
      implements ContractPart {

    /** Checks every field, then the rules between them. */
    public KeyStrategy {
      Checks.of(
              KeyStrategy.class,
              keyGenerationMethod,
              namespace,
              includeVersion,
              hashAlgorithm,
              keySeparator,
              maxKeyLength)
          .verify();
    }
  }

  /**
   * What makes entries invalid. Immutable.
   *
   * @param invalidationStrategy what makes an entry invalid, {@code ttl_based} by default; not used yet
   * @param ttlSeconds how long an entry is valid, in seconds; 1 or more, {@code 300} by default; not used yet
   * @param maxIdleSeconds how long an entry that nobody reads is kept, in seconds; 1 or more, {@code 600} by default; not used yet
   * @param invalidationTriggers events that make entries invalid, {@code []} by default; not used yet
   * @param batchInvalidation whether entries are made invalid in batches, {@code false} by default; not used yet
   * @param lazyExpiration whether expired entries are removed when they are read, {@code true} by default; not used yet
   */
  @Section("caching.invalidation_policy")
  public record InvalidationPolicy(
      @Field(value = "ttl_based", min = 1, planned = true, says = "what makes an entry invalid")
      String invalidationStrategy,

      @Field(
          value = "300",
          min = 1,
          planned = true,
          says = "how long an entry is valid, in seconds")
      int ttlSeconds,

      @Field(
          value = "600",
          min = 1,
          planned = true,
          says = "how long an entry that nobody reads is kept, in seconds")
      int maxIdleSeconds,

      @Field(value = "[]", planned = true, says = "events that make entries invalid")
      List<String> invalidationTriggers,

      @Field(value = "false", planned = true, says = "whether entries are made invalid in batches")
      boolean batchInvalidation,

      @Field(
          value = "true",
          planned = true,
          says = "whether expired entries are removed when they are read")
      boolean lazyExpiration)
      implements ContractPart {

    /** Checks every field, then the rules between them. */
    public InvalidationPolicy {
      invalidationTriggers = List.copyOf(invalidationTriggers);
      Checks.of(
              InvalidationPolicy.class,
              invalidationStrategy,
              ttlSeconds,
              maxIdleSeconds,
              invalidationTriggers,
              batchInvalidation,
              lazyExpiration)
          .verify();
    }
  }

  /**
   * How entries are shared by processes. Immutable.
   *
   * @param distributedEnabled whether entries are shared by processes, {@code false} by default; not used yet
   * @param consistencyLevel how close shared entries are, {@code eventual} by default; not used yet
   * @param replicationFactor how many copies of an entry there are; 1 or more, {@code 2} by default; not used yet
   * @param partitionStrategy which process holds an entry, {@code consistent_hash} by default; not used yet
   * @param syncIntervalMs how often entries are exchanged, in milliseconds; 1000 or more, {@code 30000} by default; not used yet
   * @param conflictResolution which of two entries is kept, {@code last_writer_wins} by default; not used yet
   */
  @Section("caching.distribution_config")
  public record DistributionConfig(
      @Field(value = "false", planned = true, says = "whether entries are shared by processes")
      boolean distributedEnabled,

      @Field(value = "eventual", min = 1, planned = true, says = "how close shared entries are")
      String consistencyLevel,

      @Field(value = "2", min = 1, planned = true, says = "how many copies of an entry there are")
      int replicationFactor,

      @Field(
          value = "consistent_hash",
          min = 1,
          planned = true,
          says = "which process holds an entry")
      String partitionStrategy,

      @Field(
          value = "30000",
          min = 1000,
          planned = true,
          says = "how often entries are exchanged, in milliseconds")
      int syncIntervalMs,

      @Field(
          value = "last_writer_wins",
          min = 1,
          planned = true,
          says = "which of two entries is kept")
      String conflictResolution)
      implements ContractPart {

    /** Checks every field, then the rules between them. */
    public DistributionConfig {
      Checks.of(
              DistributionConfig.class,
              distributedEnabled,
              consistencyLevel,
              replicationFactor,
              partitionStrategy,
              syncIntervalMs,
              conflictResolution)
          .verify();
    }
  }

  /**
   * What costs memory or time. Immutable.
   *
   * @param maxMemoryMb the memory of the cache, in MiB; 1 or more, {@code 1024} by default; not used yet
   * @param evictionPolicy which entry makes room, {@code lru} by default; not used yet
   * @param preloadEnabled whether entries are loaded at the start, {@code false} by default; not used yet
   * @param preloadPatterns which entries are loaded at the start, {@code []} by default; not used yet
   * @param compressionEnabled whether entries are compressed, {@code false} by default; not used yet
   * @param compressionThresholdBytes from which size on entries are compressed, in bytes; 0 or more, {@code 1024} by default; not used yet
   * @param asyncWrites whether entries are written behind the caller, {@code true} by default; not used yet
   * @param readThrough whether the cache reads what it misses, {@code false} by default; not used yet
   * @param writeThrough whether the cache writes what is put, {@code false} by default; not used yet
   * @param writeBehind whether the cache writes later what is put, {@code false} by default; not used yet
   */
  @Section("caching.performance_config")
  public record PerformanceConfig(
      @Field(value = "1024", min = 1, planned = true, says = "the memory of the cache, in MiB")
      int maxMemoryMb,

      @Field(value = "lru", min = 1, planned = true, says = "which entry makes room")
      String evictionPolicy,

      @Field(value = "false", planned = true, says = "whether entries are loaded at the start")
      boolean preloadEnabled,

      @Field(value = "[]", planned = true, says = "which entries are loaded at the start")
      List<String> preloadPatterns,

      @Field(value = "false", planned = true, says = "whether entries are compressed")
      boolean compressionEnabled,

      @Field(
          value = "1024",
          min = 0,
          planned = true,
          says = "from which size on entries are compressed, in bytes")
      int compressionThresholdBytes,

      @Field(value = "true", planned = true, says = "whether entries are written behind the caller")
      boolean asyncWrites,

      @Field(value = "false", planned = true, says = "whether the cache reads what it misses")
      boolean readThrough,

      @Field(value = "false", planned = true, says = "whether the cache writes what is put")
      boolean writeThrough,

      @Field(value = "false", planned = true, says = "whether the cache writes later what is put")
      boolean writeBehind)
      implements ContractPart {

    /** Checks every field, then the rules between them. */
    public PerformanceConfig {
      preloadPatterns = List.copyOf(preloadPatterns);
      Checks.of(
              PerformanceConfig.class,
              maxMemoryMb,
              evictionPolicy,
              preloadEnabled,
              preloadPatterns,
              compressionEnabled,
              compressionThresholdBytes,
              asyncWrites,
              readThrough,
              writeThrough,
              writeBehind)
          .verify();
    }
  }
}
