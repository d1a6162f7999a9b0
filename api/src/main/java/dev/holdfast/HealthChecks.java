package dev.holdfast;

import dev.holdfast.effect.EffectBacklog;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.breaker.BreakerPhase;
import dev.holdfast.effect.breaker.BreakerState;
import dev.holdfast.health.CheckScope;
import dev.holdfast.health.Health;
import dev.holdfast.health.HealthResult;
import dev.holdfast.health.HealthStatus;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.feed.FeedLag;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What Holdfast checks of itself and of what it needs. Remembers what was measured last. Safe for use by multiple threads. */
final class HealthChecks {

  private static final Duration LATE = Duration.ofMinutes(5);
  private static final int MOST_CONSUMERS = 50;
  private static final int SHOWN_CONSUMERS = 20;

  private final Source source;
  private final StateStore store;
  private final Effects effects;
  private final @Nullable SchemaCheck schema;
  private final int timeoutSeconds;
  private volatile Duration feedLag = Duration.ZERO;
  private volatile EffectBacklog backlog = new EffectBacklog(0, Duration.ZERO, 0);

  /**
   * The checks.
   *
   * @param schema null when something else looks after the tables
   * @param timeout after which a statement is cancelled
   */
  HealthChecks(
      Source source,
      StateStore store,
      Effects effects,
      @Nullable SchemaCheck schema,
      Duration timeout) {
    this.source = source;
    this.store = store;
    this.effects = effects;
    this.schema = schema;
    this.timeoutSeconds = (int) Math.max(1, timeout.toSeconds());
  }

  void addTo(Health.Builder health) {
    health.check("database", CheckScope.DEPENDENCY, this::database);
    if (schema != null) {
      health.check("schema", CheckScope.DEPENDENCY, schema);
    }
    health
        .check("feed", CheckScope.COMPONENT, this::feed)
        .check("recovery", CheckScope.COMPONENT, this::recovery)
        .check("rollback_failures", CheckScope.COMPONENT, this::rollbackFailures)
        .check("breakers", CheckScope.COMPONENT, this::breakers);
  }

  /** How far the slowest consumer of the feed was behind at the last check. */
  Duration feedLag() {
    return feedLag;
  }

  /** What effect transactions had left to do at the last check. */
  EffectBacklog backlog() {
    return backlog;
  }

  private HealthResult database() throws SQLException {
    try (Connection connection = source.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(timeoutSeconds);
      try (ResultSet rows = statement.executeQuery("SELECT pg_is_in_recovery()")) {
        rows.next();
        return withPool(
            rows.getBoolean(1)
                ? HealthResult.unhealthy("the server is a standby, which cannot be written to")
                : HealthResult.healthy());
      }
    }
  }

  private HealthResult withPool(HealthResult result) {
    Optional<PoolUse> pool = source.pool();
    return pool.isEmpty()
        ? result
        : result
            .with("active_connections", pool.get().active())
            .with("idle_connections", pool.get().idle())
            .with("waiting_threads", pool.get().waiting())
            .with("maximum_connections", pool.get().maximum());
  }

  private HealthResult feed() {
    Map<String, Long> ages = new LinkedHashMap<>();
    for (String consumer : store.changes().consumers(MOST_CONSUMERS)) {
      FeedLag lag = store.changes().lag(consumer);
      ages.put(consumer, lag.age().toMillis());
    }
    long worst = ages.values().stream().mapToLong(Long::longValue).max().orElse(0);
    feedLag = Duration.ofMillis(worst);
    HealthResult result = worst > LATE.toMillis()
        ? HealthResult.degraded(
            "a consumer of the feed is more than " + LATE.toMinutes() + " minutes behind")
        : HealthResult.healthy();
    Map<String, Object> shown = new LinkedHashMap<>();
    ages.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(SHOWN_CONSUMERS)
        .forEach(age -> shown.put(age.getKey() + ".lag_ms", age.getValue()));
    return new HealthResult(result.status(), result.message(), shown);
  }

  private HealthResult recovery() {
    EffectBacklog now = effects.backlog();
    backlog = now;
    HealthResult result = now.oldest().compareTo(LATE) > 0
        ? HealthResult.degraded("effect transactions were abandoned more than " + LATE.toMinutes()
            + " minutes ago, and no process takes them over")
        : HealthResult.healthy();
    return result
        .with("abandoned", now.abandoned())
        .with("oldest_ms", now.oldest().toMillis());
  }

  private HealthResult rollbackFailures() {
    EffectBacklog now = effects.backlog();
    backlog = now;
    HealthResult result = now.openRollbackFailures() > 0
        ? HealthResult.degraded("compensations failed and wait for somebody to settle them")
        : HealthResult.healthy();
    return result.with("open", now.openRollbackFailures());
  }

  private HealthResult breakers() {
    Map<String, Object> notClosed = new LinkedHashMap<>();
    for (Map.Entry<String, BreakerState> breaker : effects.breakers().entrySet()) {
      BreakerPhase phase = breaker.getValue().phase();
      if (phase != BreakerPhase.CLOSED) {
        notClosed.put(breaker.getKey(), phase.name());
      }
    }
    return notClosed.isEmpty()
        ? HealthResult.healthy()
        : new HealthResult(
            HealthStatus.DEGRADED, notClosed.size() + " breakers are not closed", notClosed);
  }
}
