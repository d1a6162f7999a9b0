package dev.holdfast.telemetry.internal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every meter, as in the table in docs/metrics.md. */
public enum MeterName {
  STATE_GETS("state.gets", Type.COUNTER, "reads of one key"),
  STATE_SETS("state.sets", Type.COUNTER, "keys written"),
  STATE_SNAPSHOTS("state.snapshots", Type.COUNTER, "snapshots"),
  STATE_SNAPSHOT_HITS(
      "state.snapshot_cache_hits",
      Type.COUNTER,
      "snapshots answered from memory after a look at the version"),
  STATE_SNAPSHOT_MISSES(
      "state.snapshot_cache_misses", Type.COUNTER, "snapshots that read the values"),
  STATE_CONFLICTS(
      "state.conflicts", Type.COUNTER, "writes that found something changed, retried or not"),
  TRANSACTIONS_COMMITTED("transaction.committed", Type.COUNTER, "transactions committed"),
  TRANSACTIONS_ROLLED_BACK("transaction.rolled_back", Type.COUNTER, "transactions given up"),
  TRANSACTIONS_RETRIED(
      "transaction.retried", Type.COUNTER, "attempts of transactions that another one followed"),
  SAVEPOINTS_UNDONE("transaction.savepoints_undone", Type.COUNTER, "savepoints whose work threw"),
  COMMITS_IN_DOUBT(
      "transaction.commits_in_doubt", Type.COUNTER, "commits during which the connection was lost"),
  GROUP_MESSAGES("group_commit.messages", Type.COUNTER, "messages of group commit"),
  GROUP_CHANGE_SETS("group_commit.change_sets", Type.COUNTER, "change sets in them"),
  GROUP_HELD(
      "group_commit.held",
      Type.COUNTER,
      "how often a change set was left out of a message because its state was locked elsewhere, or new"),
  GROUP_WITHDRAWN(
      "group_commit.withdrawn", Type.COUNTER, "writes taken back before they were sent"),
  FEED_DELIVERED("feed.delivered", Type.COUNTER, "change sets handled by subscriptions"),
  FEED_FAILED_ATTEMPTS("feed.failed_attempts", Type.COUNTER, "times a handler of the feed threw"),
  FEED_DEAD_LETTERS("feed.dead_letters", Type.COUNTER, "change sets given up"),
  EFFECTS_STARTED("effect.started", Type.COUNTER, "bodies begun or resumed"),
  EFFECTS_COMMITTED("effect.committed", Type.COUNTER, "effect transactions committed"),
  EFFECTS_ROLLED_BACK("effect.rolled_back", Type.COUNTER, "effect transactions fully compensated"),
  EFFECTS_RECOVERED(
      "effect.recovered", Type.COUNTER, "effect transactions taken over and rolled back"),
  EFFECTS_RESUMED(
      "effect.resumed", Type.COUNTER, "effect transactions taken over and gone on with"),
  EFFECT_ATTEMPTS("effect.attempts", Type.COUNTER, "attempts of handlers"),
  EFFECT_RETRIES("effect.retries", Type.COUNTER, "attempts after the first of a call"),
  ROLLBACK_FAILURES(
      "transaction.rollback_failures_total",
      Type.COUNTER,
      "effect transactions of which some compensation failed"),
  BREAKER_REJECTIONS(
      "breaker.rejections", Type.COUNTER, "attempts that a breaker did not let through"),
  BREAKER_TRANSITIONS("breaker.transitions", Type.COUNTER, "transitions of breakers made here"),
  CACHE_HITS("cache.hits", Type.COUNTER, "requests that a cache answered", "cache"),
  CACHE_MISSES("cache.misses", Type.COUNTER, "requests that it did not", "cache"),
  CACHE_EVICTIONS("cache.evictions", Type.COUNTER, "entries that made room", "cache"),
  CACHE_EXPIRATIONS("cache.expirations", Type.COUNTER, "entries that had expired", "cache"),
  BREAKERS_OPEN("breaker.open", Type.GAUGE, "breakers used here that are open"),
  BREAKERS_HALF_OPEN("breaker.half_open", Type.GAUGE, "breakers used here that are half-open"),
  FEED_LAG(
      "feed.lag",
      Type.GAUGE,
      "seconds that the slowest consumer is behind; as of the last health check"),
  EFFECTS_ABANDONED(
      "effect.abandoned",
      Type.GAUGE,
      "effect transactions that nobody has taken over yet; as of the last health check"),
  ROLLBACK_FAILURES_OPEN(
      "effect.open_rollback_failures",
      Type.GAUGE,
      "rollback failures not settled; as of the last health check"),
  HEALTH_SCORE("health.score", Type.GAUGE, "0 to 1, as of the last health check"),
  HEALTH_READY("health.ready", Type.GAUGE, "1 when ready, as of the last health check"),
  POOL_ACTIVE("pool.active", Type.GAUGE, "connections in use; only of Holdfast's own pool"),
  POOL_WAITING(
      "pool.waiting",
      Type.GAUGE,
      "threads that wait for a connection; only of Holdfast's own pool"),
  FAILED_OPERATIONS(
      "transaction.failed_operation_count",
      Type.SUMMARY,
      "failed compensations of each such effect transaction"),
  STATE_OPERATION(
      "state.operation",
      Type.TIMER,
      "calls of states that go to the database",
      "operation",
      "outcome"),
  TRANSACTION_RUN(
      "transaction.run",
      Type.TIMER,
      "transactions with all their attempts",
      "isolation",
      "outcome"),
  EFFECT_RUN(
      "effect.run", Type.TIMER, "runs of bodies with what follows them", "effect", "outcome"),
  EFFECT_ROLLBACK("effect.rollback", Type.TIMER, "rollbacks", "effect", "outcome"),
  EFFECT_OPERATION(
      "effect.operation",
      Type.TIMER,
      "attempts of handlers, and steps",
      "phase",
      "name",
      "outcome");

  private final String suffix;
  private final Type type;
  private final String says;

  @SuppressWarnings("ImmutableEnumChecker") // It is made by List.of.
  private final List<String> tags;

  MeterName(String suffix, Type type, String says, String... tags) {
    this.suffix = suffix;
    this.type = type;
    this.says = says;
    this.tags = List.of(tags);
  }

  /** What kind of meter it is. */
  public enum Type {
    /** Only grows. */
    COUNTER,
    /** How it is now. */
    GAUGE,
    /** How long things took and how many there were. */
    TIMER,
    /** How large things were and how many there were. */
    SUMMARY
  }

  /** The name behind the prefix. */
  public String suffix() {
    return suffix;
  }

  /** What kind of meter it is. */
  public Type type() {
    return type;
  }

  /** What it measures. */
  public String says() {
    return says;
  }

  /** The keys of its tags, in order. */
  public List<String> tags() {
    return tags;
  }

  /** The full name. */
  public String name(String prefix) {
    return prefix + "." + suffix;
  }

  /** The unit; null when it is a plain number. */
  public @Nullable String unit() {
    return this == FEED_LAG ? "seconds" : null;
  }
}
