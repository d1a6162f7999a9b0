package dev.holdfast.store.internal;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Pauses between attempts: random between zero and a bound that doubles from attempt to attempt ("full jitter", Marc Brooker, AWS
 * Architecture Blog, 2015), until a deadline. An interrupt ends a pause early and stays set. Confined to one thread.
 */
public final class Backoff {

  private final long deadline;
  private final long largest;
  private long bound;
  private int attempts;

  private Backoff(Duration smallest, Duration largest, Duration patience) {
    this.deadline = System.nanoTime() + patience.toNanos();
    this.bound = smallest.toNanos();
    this.largest = largest.toNanos();
  }

  /** Pauses that grow between two bounds, for at most some time in all. */
  public static Backoff between(Duration smallest, Duration largest, Duration patience) {
    return new Backoff(smallest, largest, patience);
  }

  /** Whether time is left for another attempt; if so, pauses before it. */
  public boolean pause() {
    attempts++;
    if (System.nanoTime() - deadline >= 0) {
      return false;
    }
    LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(bound + 1));
    bound = Math.min(largest, bound * 2);
    return true;
  }

  /** How many attempts failed so far. */
  public int attempts() {
    return attempts;
  }
}
