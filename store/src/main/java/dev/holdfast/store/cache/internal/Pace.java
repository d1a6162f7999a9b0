package dev.holdfast.store.cache.internal;

import java.time.Duration;

/**
 * How long the watch leaves alone what it has just done. However often it is wanted, asking or announcing takes no more than a hundredth of
 * the time, unless it takes that long that the longest gap is not enough. Confined to one thread.
 */
final class Pace {

  private static final int PART_OF_TIME = 100;

  private final long least;
  private final long longest;
  private long last;
  private long before;

  /** Of what was not done yet. */
  Pace(Duration least, Duration longest) {
    this.least = least.toNanos();
    this.longest = longest.toNanos();
  }

  /** It was done once more, and took so many nanoseconds. */
  void took(long nanos) {
    before = last;
    last = nanos;
  }

  /** How many nanoseconds after it was begun it may be done again. One that took long says nothing of the next; two say something. */
  long gap() {
    return Math.min(longest, Math.max(least, PART_OF_TIME * Math.min(before, last)));
  }
}
