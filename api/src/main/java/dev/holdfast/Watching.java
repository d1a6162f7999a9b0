package dev.holdfast;

import dev.holdfast.cache.CacheTotals;
import dev.holdfast.contract.CachingContract;
import dev.holdfast.contract.Contracts;
import dev.holdfast.effect.Effects;
import dev.holdfast.health.CheckScope;
import dev.holdfast.health.Health;
import dev.holdfast.logging.Logs;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.cache.ReadCacheOptions;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What watches over the parts of a Holdfast. Safe for use by multiple threads.
 *
 * @param health checks them
 * @param instruments measures and traces them; null when nobody wants to know
 * @param caches what the compute caches count together
 * @param warmUp loads states at the start
 */
record Watching(Health health, @Nullable Instruments instruments, CacheTotals caches, WarmUp warmUp)
    implements AutoCloseable {

  static Watching open(
      Source source,
      StateStore store,
      Effects effects,
      Settings settings,
      @Nullable Instruments instruments) {
    Health.Builder builder = Health.builder(settings.contracts().healthCheck())
        .redactor(settings.contracts().security().redactor())
        .logs(settings.logs());
    Duration timeout = Duration.ofMillis(settings.contracts().healthCheck().healthCheckTimeoutMs());
    HealthChecks checks = new HealthChecks(source, store, effects, settings.tables(), timeout);
    checks.addTo(builder);
    CachingContract caching = settings.contracts().caching();
    HitRatio hitRatio = new HitRatio(caching.hitRatioThreshold(), store::readCacheMetrics);
    boolean isCounted = settings.reads().isEnabled() && settings.reads().isCounting();
    if (isCounted) {
      builder.check("read_cache", CheckScope.COMPONENT, hitRatio);
    }
    Health health = settings.health().apply(builder).build();
    CacheTotals caches = new CacheTotals();
    if (instruments != null) {
      instruments.bind(source, store, effects, health, checks);
      instruments.bindCompute(caches);
      if (isCounted) {
        instruments.bindReads(store);
      }
      health.start();
    }
    WarmUp warmUp = new WarmUp(
        caching, new CachedStates(store), settings.logs().of(WarmUp.class), hitRatio::restart);
    if (settings.reads().isEnabled()) {
      warmUp.start();
    }
    return new Watching(health, instruments, caches, warmUp);
  }

  /**
   * What health is to be like.
   *
   * @param contracts thresholds and times, and what is hidden
   * @param reads what the cache of states is like
   * @param tables checks them; null when something else looks after them
   * @param health adds checks and listeners
   * @param logs where log lines go
   */
  record Settings(
      Contracts contracts,
      ReadCacheOptions reads,
      @Nullable SchemaCheck tables,
      UnaryOperator<Health.Builder> health,
      Logs logs) {}

  /** Ends the health checks and the loading, before the parts are closed. */
  void endChecks() {
    health.close();
    warmUp.close();
  }

  /** Removes what was registered, after the parts were closed. */
  @Override
  public void close() {
    if (instruments != null) {
      instruments.close();
    }
  }
}
