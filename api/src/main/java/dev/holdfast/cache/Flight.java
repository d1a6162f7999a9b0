package dev.holdfast.cache;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.TransientException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A computation under way, made by one thread while others wait for it. Threads that wait for each other in a circle are found: each says
 * what it waits for before it looks along the chain, so of those that close a circle at least the last one sees it.
 */
final class Flight<V> {

  /** What a thread waits for, whatever the cache: a circle can go through several. */
  private static final ThreadLocal<Waiter> WAITER = ThreadLocal.withInitial(Waiter::new);

  private final Object key;
  private final Waiter owner = WAITER.get();
  private final CountDownLatch landed = new CountDownLatch(1);
  private volatile @Nullable Cached<V> result;

  /** A computation by the calling thread. */
  Flight(Object key) {
    this.key = key;
  }

  /** Ends it, with a value or, after a failure, with null. */
  void land(@Nullable Cached<V> value) {
    result = value;
    landed.countDown();
  }

  /** Waits for the end; null when the computation failed. */
  @Nullable
  Cached<V> await() {
    Waiter self = WAITER.get();
    self.waitsFor = this;
    try {
      requireNoCircle(self);
      landed.await();
      return result;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransientException(
          "Interrupted while waiting for the computation of \"" + key + "\"", Map.of(), e);
    } finally {
      self.waitsFor = null;
    }
  }

  private void requireNoCircle(Waiter self) {
    Flight<?> flight = this;
    while (flight != null && flight.landed.getCount() > 0) {
      if (flight.owner == self) {
        throw new HoldfastException(
            ErrorCode.CACHE_MISUSE,
            "The computation of \"" + key
                + "\" waits for itself: it asked for its own key, or for one"
                + " whose computation waits for it",
            Map.of("key", String.valueOf(key)),
            null);
      }
      flight = flight.owner.waitsFor;
    }
  }

  /** A thread. Its field is read by others. */
  private static final class Waiter {
    private volatile @Nullable Flight<?> waitsFor;
  }
}
