package dev.holdfast;

import dev.holdfast.cache.CacheTotals;
import dev.holdfast.contract.Contracts;
import dev.holdfast.effect.Effects;
import dev.holdfast.health.Health;
import dev.holdfast.logging.Logs;
import dev.holdfast.store.StateStore;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What watches over the parts of a Holdfast. Safe for use by multiple threads.
 *
 * @param health checks them
 * @param instruments measures and traces them; null when nobody wants to know
 * @param caches what the compute caches count together
 */
record Watching(Health health, @Nullable Instruments instruments, CacheTotals caches)
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
    Health health = settings.health().apply(builder).build();
    CacheTotals caches = new CacheTotals();
    if (instruments != null) {
      instruments.bind(source, store, effects, health, checks);
      instruments.bindCompute(caches);
      health.start();
    }
    return new Watching(health, instruments, caches);
  }

  /**
   * What health is to be like.
   *
   * @param contracts thresholds and times, and what is hidden
   * @param tables checks them; null when something else looks after them
   * @param health adds checks and listeners
   * @param logs where log lines go
   */
  record Settings(
      Contracts contracts,
      @Nullable SchemaCheck tables,
      UnaryOperator<Health.Builder> health,
      Logs logs) {}

  /** Ends the health checks, before the parts are closed. */
  void endChecks() {
    health.close();
  }

  /** Removes what was registered, after the parts were closed. */
  @Override
  public void close() {
    if (instruments != null) {
      instruments.close();
    }
  }
}
