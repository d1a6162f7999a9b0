package dev.holdfast;

import dev.holdfast.cache.CacheStatistics.Counts;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.breaker.BreakerPhase;
import dev.holdfast.health.CheckReport;
import dev.holdfast.health.Health;
import dev.holdfast.health.HealthReport;
import dev.holdfast.health.HealthStatus;
import dev.holdfast.logging.Logs;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.activity.Activities;
import dev.holdfast.store.activity.Activity;
import dev.holdfast.store.activity.ActivityListener;
import dev.holdfast.store.cache.ReadCacheMetrics;
import dev.holdfast.telemetry.internal.MeterName;
import dev.holdfast.telemetry.internal.Meters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What measures and traces one Holdfast. Safe for use by multiple threads once it is bound. */
final class Instruments implements AutoCloseable {

  private final @Nullable Meters meters;
  private final List<ActivityListener> listeners;

  /** The same listeners, each of which keeps what it throws from the others. */
  private final List<Activities> apart;

  Instruments(@Nullable Meters meters, List<ActivityListener> listeners, Logs logs) {
    this.meters = meters;
    this.listeners = List.copyOf(listeners);
    this.apart =
        listeners.stream().map(listener -> new Activities(listener, logs)).toList();
  }

  /** Who is told of activities; empty when nobody is. */
  Optional<ActivityListener> listener() {
    return switch (listeners.size()) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(listeners.get(0));
      default -> Optional.of(this::begun);
    };
  }

  /** The ends come in the opposite order of the beginnings. */
  private ActivityListener.Ending begun(Activity activity) {
    List<ActivityListener.Ending> endings = new ArrayList<>();
    apart.forEach(listener -> endings.add(0, listener.begun(activity)));
    return failure -> endings.forEach(ending -> ending.ended(failure));
  }

  /** Registers what is counted. */
  void bind(Opening.Parts parts, Health health, HealthChecks checks) {
    if (meters == null) {
      return;
    }
    StateStore store = parts.store();
    Effects effects = parts.effects();
    Source source = parts.source();
    states(meters, store);
    transactions(meters, store);
    feed(meters, store);
    effects(meters, effects);
    breakers(meters, effects);
    health(meters, health, checks);
    bindCache("compute", parts.caches()::counts);
    if (source.pool().isPresent()) {
      pool(meters, source);
    }
  }

  private static Counts read(ReadCacheMetrics cache) {
    return new Counts(cache.hits(), cache.misses(), cache.evictions(), cache.expirations());
  }

  private static void states(Meters meters, StateStore store) {
    meters.count(MeterName.STATE_GETS, () -> store.metrics().gets());
    meters.count(MeterName.STATE_SETS, () -> store.metrics().sets());
    meters.count(MeterName.STATE_SNAPSHOTS, () -> store.metrics().snapshots());
    meters.count(MeterName.STATE_SNAPSHOT_HITS, () -> store.metrics().cacheHits());
    meters.count(MeterName.STATE_SNAPSHOT_MISSES, () -> store.metrics().cacheMisses());
    meters.count(MeterName.STATE_CONFLICTS, () -> store.metrics().conflicts());
    meters.count(MeterName.GROUP_MESSAGES, () -> store.groupCommitMetrics().messages());
    meters.count(MeterName.GROUP_CHANGE_SETS, () -> store.groupCommitMetrics().changeSets());
    meters.count(MeterName.GROUP_HELD, () -> store.groupCommitMetrics().held());
    meters.count(MeterName.GROUP_WITHDRAWN, () -> store.groupCommitMetrics().withdrawn());
  }

  private static void transactions(Meters meters, StateStore store) {
    meters.count(
        MeterName.TRANSACTIONS_COMMITTED, () -> store.transactionMetrics().committed());
    meters.count(
        MeterName.TRANSACTIONS_ROLLED_BACK, () -> store.transactionMetrics().rolledBack());
    meters.count(
        MeterName.TRANSACTIONS_RETRIED, () -> store.transactionMetrics().retried());
    meters.count(MeterName.SAVEPOINTS_UNDONE, () -> store.transactionMetrics().savepointsUndone());
    meters.count(MeterName.COMMITS_IN_DOUBT, () -> store.transactionMetrics().commitsInDoubt());
  }

  private static void feed(Meters meters, StateStore store) {
    meters.count(MeterName.FEED_DELIVERED, () -> store.changes().metrics().delivered());
    meters.count(MeterName.FEED_FAILED_ATTEMPTS, () -> store.changes().metrics().failedAttempts());
    meters.count(MeterName.FEED_DEAD_LETTERS, () -> store.changes().metrics().deadLetters());
  }

  private static void effects(Meters meters, Effects effects) {
    meters.count(MeterName.EFFECTS_STARTED, () -> effects.metrics().started());
    meters.count(MeterName.EFFECTS_COMMITTED, () -> effects.metrics().committed());
    meters.count(MeterName.EFFECTS_ROLLED_BACK, () -> effects.metrics().rolledBack());
    meters.count(MeterName.ROLLBACK_FAILURES, () -> effects.metrics().rollbackFailed());
    meters.count(MeterName.EFFECTS_RECOVERED, () -> effects.metrics().recovered());
    meters.count(MeterName.EFFECTS_RESUMED, () -> effects.metrics().resumed());
    meters.count(MeterName.EFFECT_ATTEMPTS, () -> effects.callMetrics().attempts());
    meters.count(MeterName.EFFECT_RETRIES, () -> effects.callMetrics().retries());
  }

  private static void breakers(Meters meters, Effects effects) {
    meters.count(MeterName.BREAKER_REJECTIONS, () -> effects.callMetrics().rejections());
    meters.count(MeterName.BREAKER_TRANSITIONS, () -> effects.callMetrics().transitions());
    meters.gauge(MeterName.BREAKERS_OPEN, () -> breakers(effects, BreakerPhase.OPEN));
    meters.gauge(MeterName.BREAKERS_HALF_OPEN, () -> breakers(effects, BreakerPhase.HALF_OPEN));
  }

  private static double breakers(Effects effects, BreakerPhase phase) {
    return effects.breakers().values().stream()
        .filter(breaker -> breaker.phase() == phase)
        .count();
  }

  private static void health(Meters meters, Health health, HealthChecks checks) {
    meters.gauge(MeterName.HEALTH_SCORE, () -> score(health.latest()));
    meters.gauge(MeterName.HEALTH_READY, () -> ready(health.latest()));
    meters.gauge(MeterName.FEED_LAG, () -> checks.feedLag().toMillis() / 1_000.0);
    meters.gauge(MeterName.EFFECTS_ABANDONED, () -> checks.backlog().abandoned());
    meters.gauge(MeterName.ROLLBACK_FAILURES_OPEN, () -> checks.backlog().openRollbackFailures());
  }

  /** Also when the contract wants no aggregate in reports; not a number before the first check. */
  private static double score(HealthReport report) {
    return isChecked(report)
        ? report.checks().stream()
            .map(CheckReport::status)
            .mapToDouble(HealthStatus::score)
            .average()
            .orElse(1)
        : Double.NaN;
  }

  private static double ready(HealthReport report) {
    double known = report.ready() ? 1 : 0;
    return isChecked(report) ? known : Double.NaN;
  }

  private static boolean isChecked(HealthReport report) {
    return report.checks().stream().allMatch(check -> check.checkedAt().isPresent());
  }

  private static void pool(Meters meters, Source source) {
    meters.gauge(MeterName.POOL_ACTIVE, () -> source.pool().map(PoolUse::active).orElse(0));
    meters.gauge(
        MeterName.POOL_WAITING, () -> source.pool().map(PoolUse::waiting).orElse(0));
  }

  /** Registers what the cache of states counts. */
  void bindReads(StateStore store) {
    bindCache("read", () -> read(store.readCacheMetrics()));
  }

  /** Registers what a cache counts; the numbers must only grow. */
  void bindCache(String cache, Supplier<Counts> counts) {
    if (meters != null) {
      meters.count(MeterName.CACHE_HITS, () -> counts.get().hits(), "cache", cache);
      meters.count(MeterName.CACHE_MISSES, () -> counts.get().misses(), "cache", cache);
      meters.count(MeterName.CACHE_EVICTIONS, () -> counts.get().evictions(), "cache", cache);
      meters.count(MeterName.CACHE_EXPIRATIONS, () -> counts.get().expirations(), "cache", cache);
    }
  }

  /** Removes the meters. */
  @Override
  public void close() {
    if (meters != null) {
      meters.close();
    }
  }
}
