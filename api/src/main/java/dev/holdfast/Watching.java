package dev.holdfast;

import dev.holdfast.cache.CacheTotals;
import dev.holdfast.contract.CachingContract;
import dev.holdfast.contract.Contracts;
import dev.holdfast.health.CheckScope;
import dev.holdfast.health.Health;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.cache.ReadCacheOptions;
import dev.holdfast.store.internal.Closing;
import java.time.Duration;
import java.util.List;
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

  /** Begins to watch; what fails leaves nothing behind. */
  static Watching open(Opening.Parts parts, Settings settings, @Nullable Instruments instruments) {
    StateStore store = parts.store();
    CachingContract caching = settings.contracts().caching();
    HitRatio hitRatio = new HitRatio(caching.hitRatioThreshold(), store::readCacheMetrics);
    boolean isCounted = settings.reads().isEnabled() && settings.reads().isCounting();
    Duration timeout = Duration.ofMillis(settings.contracts().healthCheck().healthCheckTimeoutMs());
    HealthChecks checks =
        new HealthChecks(parts.source(), store, parts.effects(), settings.tables(), timeout);
    Health.Builder builder = Health.builder(settings.contracts().healthCheck())
        .redactor(settings.contracts().security().redactor())
        .logs(parts.logs())
        .onChange(new HealthEvents(parts.events()));
    checks.addTo(builder);
    if (isCounted) {
      builder.check("read_cache", CheckScope.COMPONENT, hitRatio);
    }
    Health health = settings.health().apply(builder).build();
    try {
      if (instruments != null) {
        instruments.bind(parts, health, checks);
        if (isCounted) {
          instruments.bindReads(store);
        }
        health.start();
      }
      WarmUp warmUp = new WarmUp(
          caching, new CachedStates(store), parts.logs().of(WarmUp.class), hitRatio::restart);
      if (settings.reads().isEnabled()) {
        warmUp.start();
      }
      return new Watching(health, instruments, parts.caches(), warmUp);
    } catch (RuntimeException | Error e) {
      Closing.after(e, List.of(health::close));
      throw e;
    }
  }

  /**
   * What health is to be like.
   *
   * @param contracts thresholds and times, and what is hidden
   * @param reads what the cache of states is like
   * @param tables checks them; null when something else looks after them
   * @param health adds checks and listeners
   */
  record Settings(
      Contracts contracts,
      ReadCacheOptions reads,
      @Nullable SchemaCheck tables,
      UnaryOperator<Health.Builder> health) {}

  /** Ends the health checks and the loading, before the parts are closed. */
  void endChecks() {
    Closing.all(List.of(health::close, warmUp::close));
  }

  /** Removes what was registered, after the parts were closed. */
  @Override
  public void close() {
    if (instruments != null) {
      instruments.close();
    }
  }
}
