package dev.holdfast.compute;

import java.time.Duration;

/** Counts the computations of one function. Safe for use by multiple threads. */
final class Tally {

  private long successes;
  private long errors;
  private long hits;
  private long shortest = Long.MAX_VALUE;
  private long longest;
  private long sum;

  synchronized void computed(boolean success, long nanos) {
    successes += success ? 1 : 0;
    errors += success ? 0 : 1;
    shortest = Math.min(shortest, nanos);
    longest = Math.max(longest, nanos);
    sum += nanos;
  }

  synchronized void hit() {
    hits++;
  }

  synchronized ComputationMetrics copy() {
    long total = successes + errors;
    return new ComputationMetrics(
        total,
        successes,
        errors,
        hits,
        Duration.ofNanos(total == 0 ? 0 : shortest),
        Duration.ofNanos(total == 0 ? 0 : sum / total),
        Duration.ofNanos(longest));
  }
}
