package dev.holdfast.store;

import dev.holdfast.store.internal.Backoff;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets the threads of one process take turns when they change the same key by a function of its value. Correctness does not rest on it:
 * every such write is guarded by the version that was read. But without turns most attempts of many threads would be in vain, each holding
 * up the others, until nobody gets through.
 *
 * <p>A thread that has a turn and wants another, because its callback calls the store, does not wait for it: two callbacks that go in
 * opposite order would wait for each other. It goes on without and relies on the guard. Safe for use by multiple threads.
 */
final class Retries {

  private static final int STRIPES = 256;

  private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];
  private final ThreadLocal<Boolean> inTurn = new ThreadLocal<>();
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

  /** Waits for other threads that work on the same key; what is returned must be ended either way. */
  Turn turn(StateId state, String key) {
    if (inTurn.get() != null) {
      return new Turn(null);
    }
    ReentrantLock stripe = stripes[Math.floorMod(31 * state.hashCode() + key.hashCode(), STRIPES)];
    boolean had = isLocked(stripe);
    if (had) {
      inTurn.set(true);
    }
    return new Turn(had ? stripe : null);
  }

  /** An interrupted thread does not wait; the interrupt is for whoever looks next. */
  private boolean isLocked(ReentrantLock stripe) {
    try {
      return stripe.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** A turn on a key; without a stripe it was not had. */
  final class Turn {

    private final @Nullable ReentrantLock stripe;

    private Turn(@Nullable ReentrantLock stripe) {
      this.stripe = stripe;
    }

    void end() {
      if (stripe != null) {
        inTurn.remove();
        stripe.unlock();
      }
    }
  }
}
