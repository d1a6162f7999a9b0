package dev.holdfast.store;

import dev.holdfast.store.internal.Backoff;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps the threads of one process from getting in each other's way when they change the same key by a function of its value. Correctness
 * does not rest on it: every such write is guarded by the version that was read. So nobody waits here for long, and two callbacks that call
 * the store in opposite order pass each other instead of blocking for ever. Safe for use by multiple threads.
 */
final class Retries {

  private static final int STRIPES = 256;
  private static final long PATIENCE_MILLIS = 50;

  private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];
  private final Duration patience;

  Retries(Duration patience) {
    this.patience = patience;
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new ReentrantLock(true);
    }
  }

  Backoff backoff() {
    return Backoff.between(Duration.ofMillis(1), Duration.ofMillis(20), patience);
  }

  /** Waits a little for other threads that work on the same key; what is returned must be ended either way. */
  Turn turn(StateId state, String key) {
    ReentrantLock stripe = stripes[Math.floorMod(31 * state.hashCode() + key.hashCode(), STRIPES)];
    try {
      return new Turn(stripe, stripe.tryLock(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Turn(stripe, false);
    }
  }

  /** A turn on a key, had or not. */
  record Turn(ReentrantLock stripe, boolean had) {
    void end() {
      if (had) {
        stripe.unlock();
      }
    }
  }
}
