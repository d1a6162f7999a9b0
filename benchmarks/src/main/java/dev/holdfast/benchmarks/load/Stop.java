package dev.holdfast.benchmarks.load;

import java.time.Duration;

/** Tells a thread of a load when it has done enough. Safe for use by multiple threads. */
@FunctionalInterface
public interface Stop {

  /**
   * Whether a thread begins no further operation.
   *
   * @param elapsedNanos since the load began
   * @param operations that this thread has done
   */
  boolean isReached(long elapsedNanos, long operations);

  /** After a time; what is under way then is completed and counts. */
  static Stop after(Duration time) {
    long nanos = time.toNanos();
    return (elapsedNanos, operations) -> elapsedNanos >= nanos;
  }

  /** When every thread has done so many operations. */
  static Stop afterEach(long number) {
    return (elapsedNanos, operations) -> operations >= number;
  }
}
