package dev.holdfast.store.cache;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Duration;

/** What the cache of states may use, and how old what it answers may be. Immutable: every method that changes something returns new options. */
public final class ReadCacheOptions {

  private static final Duration LEAST = Duration.ofMillis(5);
  private static final Duration MOST = Duration.ofHours(1);
  private static final long MOST_WEIGHT = 1L << 40;
  private static final long MOST_WEIGHT_OF_A_STATE = 1L << 30;

  private static final ReadCacheOptions DEFAULTS = new ReadCacheOptions(
      true,
      Duration.ofSeconds(1),
      Duration.ofMillis(150),
      64L << 20,
      8L << 20,
      Announcements.WHILE_CACHING);

  private final boolean enabled;
  private final Duration maximumStaleness;
  private final Duration pollInterval;
  private final long maximumWeight;
  private final long maximumStateWeight;
  private final Announcements announcements;

  private ReadCacheOptions(
      boolean enabled,
      Duration maximumStaleness,
      Duration pollInterval,
      long maximumWeight,
      long maximumStateWeight,
      Announcements announcements) {
    this.enabled = enabled;
    this.maximumStaleness = maximumStaleness;
    this.pollInterval = pollInterval;
    this.maximumWeight = maximumWeight;
    this.maximumStateWeight = maximumStateWeight;
    this.announcements = announcements;
  }

  /** At most 1 s behind, a poll every 150 ms while there are cached reads, 64 MiB in all and 8 MiB for one state. */
  public static ReadCacheOptions defaults() {
    return DEFAULTS;
  }

  /** Without a cache: reads that may be answered from memory ask the database all the same. */
  public ReadCacheOptions disabled() {
    return new ReadCacheOptions(
        false, maximumStaleness, pollInterval, maximumWeight, maximumStateWeight, announcements);
  }

  /**
   * How far a cached read may be behind the database.
   *
   * @param bound 5 ms to 1 hour; below a few poll intervals most reads ask the database
   */
  public ReadCacheOptions maximumStaleness(Duration bound) {
    return new ReadCacheOptions(
        enabled,
        ranged("maximumStaleness", bound),
        pollInterval,
        maximumWeight,
        maximumStateWeight,
        announcements);
  }

  /**
   * How often the database is asked what has changed, while there are cached reads.
   *
   * @param interval 5 ms to 1 hour
   */
  public ReadCacheOptions pollInterval(Duration interval) {
    return new ReadCacheOptions(
        enabled,
        maximumStaleness,
        ranged("pollInterval", interval),
        maximumWeight,
        maximumStateWeight,
        announcements);
  }

  /**
   * How much memory all states together may take, in bytes as estimated from the length of their keys and values.
   *
   * @param bytes 1 to 2^40
   */
  public ReadCacheOptions maximumWeight(long bytes) {
    return new ReadCacheOptions(
        enabled,
        maximumStaleness,
        pollInterval,
        ranged("maximumWeight", bytes, MOST_WEIGHT),
        maximumStateWeight,
        announcements);
  }

  /**
   * The largest state that is kept, in bytes as estimated from the length of its keys and values. Reads of a larger one ask the database for
   * just what they need.
   *
   * @param bytes 1 to 2^30
   */
  public ReadCacheOptions maximumStateWeight(long bytes) {
    return new ReadCacheOptions(
        enabled,
        maximumStaleness,
        pollInterval,
        maximumWeight,
        ranged("maximumStateWeight", bytes, MOST_WEIGHT_OF_A_STATE),
        announcements);
  }

  /** When writes are announced to other processes. */
  public ReadCacheOptions announcements(Announcements when) {
    return new ReadCacheOptions(
        enabled, maximumStaleness, pollInterval, maximumWeight, maximumStateWeight, when);
  }

  /** Whether there is a cache. */
  public boolean isEnabled() {
    return enabled;
  }

  /** How far a cached read may be behind the database. */
  public Duration maximumStaleness() {
    return maximumStaleness;
  }

  /** How often the database is asked what has changed. */
  public Duration pollInterval() {
    return pollInterval;
  }

  /** How much memory all states together may take, in bytes. */
  public long maximumWeight() {
    return maximumWeight;
  }

  /** The largest state that is kept, in bytes. */
  public long maximumStateWeight() {
    return maximumStateWeight;
  }

  /** When writes are announced to other processes. */
  public Announcements announcements() {
    return announcements;
  }

  private static Duration ranged(String name, Duration value) {
    if (value.compareTo(LEAST) < 0 || value.compareTo(MOST) > 0) {
      throw invalid(name + " is 5 ms to 1 hour, not " + value);
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
