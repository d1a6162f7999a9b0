package dev.holdfast.store.feed;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.internal.Durations;
import java.time.Duration;

/** How a subscription works. Immutable: every method returns new options. */
public final class SubscriptionOptions {

  private static final SubscriptionOptions DEFAULTS = new SubscriptionOptions(
      true, 5, Duration.ofMillis(100), Duration.ofMillis(250), Duration.ofSeconds(30), 500);

  private final boolean fromBeginning;
  private final int maxAttempts;
  private final Duration retryDelay;
  private final Duration pollInterval;
  private final Duration lease;
  private final int batchSize;

  private SubscriptionOptions(
      boolean fromBeginning,
      int maxAttempts,
      Duration retryDelay,
      Duration pollInterval,
      Duration lease,
      int batchSize) {
    this.fromBeginning = fromBeginning;
    this.maxAttempts = maxAttempts;
    this.retryDelay = retryDelay;
    this.pollInterval = pollInterval;
    this.lease = lease;
    this.batchSize = batchSize;
  }

  /** From the beginning of history; 5 attempts; looks every 250 ms; a lease of 30 s. */
  public static SubscriptionOptions defaults() {
    return DEFAULTS;
  }

  /** A consumer that is new begins with what is written from now on. One that exists goes on where it was. */
  public SubscriptionOptions fromNow() {
    return new SubscriptionOptions(false, maxAttempts, retryDelay, pollInterval, lease, batchSize);
  }

  /**
   * How often a change set is handed to the handler before it becomes a dead letter.
   *
   * @param number 1 to 1000
   */
  public SubscriptionOptions maxAttempts(int number) {
    requireRange("maxAttempts", number, 1000);
    return new SubscriptionOptions(
        fromBeginning, number, retryDelay, pollInterval, lease, batchSize);
  }

  /** The pause after the first failed attempt, 1 ms to 292 years; it doubles with each, up to ten seconds; a longer one stays as it is. */
  public SubscriptionOptions retryDelay(Duration delay) {
    return new SubscriptionOptions(
        fromBeginning,
        maxAttempts,
        Durations.requireMillis("retryDelay", delay),
        pollInterval,
        lease,
        batchSize);
  }

  /** How often to look for changes when there are none, 1 ms to 292 years. */
  public SubscriptionOptions pollInterval(Duration interval) {
    return new SubscriptionOptions(
        fromBeginning,
        maxAttempts,
        retryDelay,
        Durations.requireMillis("pollInterval", interval),
        lease,
        batchSize);
  }

  /**
   * How long another process waits before it takes over from one that gave no sign of life, 1 ms to 292 years. A handler that takes longer for
   * one change set than this may see it handled by another process as well.
   */
  public SubscriptionOptions lease(Duration duration) {
    return new SubscriptionOptions(
        fromBeginning,
        maxAttempts,
        retryDelay,
        pollInterval,
        Durations.requireMillis("lease", duration),
        batchSize);
  }

  /**
   * About how many changes of single keys to read at once; one transaction is never split.
   *
   * @param changes 1 to 10,000
   */
  public SubscriptionOptions batchSize(int changes) {
    requireRange("batchSize", changes, 10_000);
    return new SubscriptionOptions(
        fromBeginning, maxAttempts, retryDelay, pollInterval, lease, changes);
  }

  private static void requireRange(String name, int number, int most) {
    if (number < 1 || number > most) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT, name + " is 1 to " + most + ", not " + number);
    }
  }

  /** Whether a consumer that is new begins with the oldest change. */
  public boolean isFromBeginning() {
    return fromBeginning;
  }

  /** How often a change set is tried. */
  public int maxAttempts() {
    return maxAttempts;
  }

  /** The pause after the first failed attempt. */
  public Duration retryDelay() {
    return retryDelay;
  }

  /** How often to look for changes when there are none. */
  public Duration pollInterval() {
    return pollInterval;
  }

  /** How long a sign of life holds. */
  public Duration lease() {
    return lease;
  }

  /** About how many changes to read at once. */
  public int batchSize() {
    return batchSize;
  }
}
