package dev.holdfast.store.cache;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the cache of states may use, and how old what it answers may be. Immutable: every method that changes something returns new options. */
public final class ReadCacheOptions {

  private static final Duration LEAST = Duration.ofMillis(5);
  private static final Duration MOST = Duration.ofHours(1);
  private static final Duration LONGEST_LIFE = Duration.ofSeconds(Integer.MAX_VALUE);
  private static final long MOST_WEIGHT = 1L << 40;
  private static final long MOST_WEIGHT_OF_A_STATE = 1L << 30;

  private static final ReadCacheOptions DEFAULTS = new ReadCacheOptions(new Values());

  private final Values values;

  private ReadCacheOptions(Values values) {
    this.values = values;
  }

  /** Changed only before options are made of it. */
  private static final class Values {

    private boolean enabled = true;
    private Duration maximumStaleness = Duration.ofSeconds(1);
    private Duration pollInterval = Duration.ofMillis(250);
    private long maximumWeight = 64L << 20;
    private long maximumStateWeight = 8L << 20;
    private int maximumStates = Integer.MAX_VALUE;
    private Eviction eviction = Eviction.ADAPTIVE;
    private @Nullable Duration timeToLive;
    private @Nullable Duration maximumIdle;
    private boolean counting = true;
    private boolean detailed;
    private Announcements announcements = Announcements.WHILE_CACHING;

    Values() {}

    Values(Values from) {
      this.enabled = from.enabled;
      this.maximumStaleness = from.maximumStaleness;
      this.pollInterval = from.pollInterval;
      this.maximumWeight = from.maximumWeight;
      this.maximumStateWeight = from.maximumStateWeight;
      this.maximumStates = from.maximumStates;
      this.eviction = from.eviction;
      this.timeToLive = from.timeToLive;
      this.maximumIdle = from.maximumIdle;
      this.counting = from.counting;
      this.detailed = from.detailed;
      this.announcements = from.announcements;
    }
  }

  private ReadCacheOptions with(Consumer<Values> change) {
    Values changed = new Values(values);
    change.accept(changed);
    return new ReadCacheOptions(changed);
  }

  /** At most 1 s behind, a poll every 250 ms while there are cached reads, 64 MiB in all and 8 MiB for one state. */
  public static ReadCacheOptions defaults() {
    return DEFAULTS;
  }

  /** Without a cache: reads that may be answered from memory ask the database all the same. */
  public ReadCacheOptions disabled() {
    return with(changed -> changed.enabled = false);
  }

  /**
   * How far a cached read may be behind the database.
   *
   * @param bound 5 ms to 1 hour; below a few poll intervals most reads ask the database
   */
  public ReadCacheOptions maximumStaleness(Duration bound) {
    Duration checked = ranged("maximumStaleness", bound);
    return with(changed -> changed.maximumStaleness = checked);
  }

  /**
   * How often the database is asked what has changed, while there are cached reads.
   *
   * @param interval 5 ms to 1 hour
   */
  public ReadCacheOptions pollInterval(Duration interval) {
    Duration checked = ranged("pollInterval", interval);
    return with(changed -> changed.pollInterval = checked);
  }

  /**
   * How much memory all states together may take, in bytes as estimated from the length of their keys and values. Writes of this process that
   * nobody has read yet may take as much again.
   *
   * @param bytes 1 to 2^40
   */
  public ReadCacheOptions maximumWeight(long bytes) {
    long checked = ranged("maximumWeight", bytes, MOST_WEIGHT);
    return with(changed -> changed.maximumWeight = checked);
  }

  /**
   * The largest state that is kept, in bytes as estimated from the length of its keys and values. Reads of a larger one ask the database for
   * just what they need.
   *
   * @param bytes 1 to 2^30
   */
  public ReadCacheOptions maximumStateWeight(long bytes) {
    long checked = ranged("maximumStateWeight", bytes, MOST_WEIGHT_OF_A_STATE);
    return with(changed -> changed.maximumStateWeight = checked);
  }

  /**
   * How many states are kept at most; as many as the memory holds by default.
   *
   * @param states 1 or more
   */
  public ReadCacheOptions maximumStates(int states) {
    if (states < 1) {
      throw invalid("maximumStates is 1 or more, not " + states);
    }
    return with(changed -> changed.maximumStates = states);
  }

  /** Which state makes room for another; {@link Eviction#ADAPTIVE} by default. */
  public ReadCacheOptions eviction(Eviction which) {
    return with(changed -> changed.eviction = which);
  }

  /**
   * How long a state is shown without the database having been asked about this very state, also when no change of it was reported; without
   * a bound by default.
   *
   * @param life 1 s to 2^31 - 1 s
   */
  public ReadCacheOptions timeToLive(Duration life) {
    Duration checked = life("timeToLive", life);
    return with(changed -> changed.timeToLive = checked);
  }

  /**
   * How long a state that nobody reads is kept, at least; it goes when there are reads of others. Without a bound by default.
   *
   * @param idle 1 s to 2^31 - 1 s
   */
  public ReadCacheOptions maximumIdle(Duration idle) {
    Duration checked = life("maximumIdle", idle);
    return with(changed -> changed.maximumIdle = checked);
  }

  /** Hits and misses are not counted: {@link ReadCacheMetrics} shows none, and there are no meters of them. */
  public ReadCacheOptions withoutCounts() {
    return with(changed -> changed.counting = false);
  }

  /** Hits and misses are counted for each namespace as well, see {@link dev.holdfast.store.StateStore#readCacheNamespaces()}. */
  public ReadCacheOptions withCountsOfNamespaces() {
    return with(changed -> changed.detailed = true);
  }

  /** When writes are announced to other processes. */
  public ReadCacheOptions announcements(Announcements when) {
    return with(changed -> changed.announcements = when);
  }

  /** Whether there is a cache. */
  public boolean isEnabled() {
    return values.enabled;
  }

  /** How far a cached read may be behind the database. */
  public Duration maximumStaleness() {
    return values.maximumStaleness;
  }

  /** How often the database is asked what has changed. */
  public Duration pollInterval() {
    return values.pollInterval;
  }

  /** How much memory all states together may take, in bytes. */
  public long maximumWeight() {
    return values.maximumWeight;
  }

  /** The largest state that is kept, in bytes. */
  public long maximumStateWeight() {
    return values.maximumStateWeight;
  }

  /** How many states are kept at most. */
  public int maximumStates() {
    return values.maximumStates;
  }

  /** Which state makes room for another. */
  public Eviction eviction() {
    return values.eviction;
  }

  /** How long a state is shown without the database having been asked about it; empty for any time. */
  public Optional<Duration> timeToLive() {
    return Optional.ofNullable(values.timeToLive);
  }

  /** How long a state that nobody reads is kept; empty for any time. */
  public Optional<Duration> maximumIdle() {
    return Optional.ofNullable(values.maximumIdle);
  }

  /** Whether hits and misses are counted. */
  public boolean isCounting() {
    return values.counting;
  }

  /** Whether they are counted for each namespace as well. */
  public boolean isCountingNamespaces() {
    return values.counting && values.detailed;
  }

  /** When writes are announced to other processes. */
  public Announcements announcements() {
    return values.announcements;
  }

  private static Duration ranged(String name, Duration value) {
    if (value.compareTo(LEAST) < 0 || value.compareTo(MOST) > 0) {
      throw invalid(name + " is 5 ms to 1 hour, not " + value);
    }
    return value;
  }

  private static Duration life(String name, Duration value) {
    if (value.compareTo(Duration.ofSeconds(1)) < 0 || value.compareTo(LONGEST_LIFE) > 0) {
      throw invalid(name + " is 1 s to " + LONGEST_LIFE.toSeconds() + " s, not " + value);
    }
    return value;
  }

  private static long ranged(String name, long value, long most) {
    if (value < 1 || value > most) {
      throw invalid(name + " is 1 to " + most + " bytes, not " + value);
    }
    return value;
  }

  private static HoldfastException invalid(String message) {
    return new HoldfastException(ErrorCode.CONFIGURATION, message);
  }
}
