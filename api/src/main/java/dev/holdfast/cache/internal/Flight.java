package dev.holdfast.cache.internal;

import dev.holdfast.cache.Cached;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.TransientException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A computation under way, made by one thread while others wait for it. That threads wait for each other in a circle is found, whatever
 * caches it goes through, see {@link Strand}.
 *
 * @param <V> what is computed
 */
public final class Flight<V> {

  private static final int NAMED = 10;

  private final Object key;
  private final Strand owner = Strand.current();
  private final @Nullable Flight<?> enclosing = owner.innermost();
  private final CountDownLatch landed = new CountDownLatch(1);
  private volatile @Nullable Cached<V> result;

  /** A computation by the calling thread. */
  public Flight(Object key) {
    this.key = key;
  }

  /** The body begins. Called by the thread that made this. */
  public void begin() {
    owner.enter(this);
  }

  /** Ends it, with a value or, after a failure, with null. Called by the thread that made this. */
  public void land(@Nullable Cached<V> value) {
    owner.leave(this);
    result = value;
    landed.countDown();
  }

  /** Waits for the end; null when the computation failed. */
  public @Nullable Cached<V> await() {
    Strand self = Strand.current();
    self.waitFor(this);
    try {
      requireNoCircle(self);
      landed.await();
      return result;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransientException(
          "Interrupted while waiting for the computation of \"" + key + "\"", Map.of(), e);
    } finally {
      self.waitFor(null);
    }
  }

  private void requireNoCircle(Strand self) {
    List<Flight<?>> circle = self.circle(this);
    if (!circle.isEmpty()) {
      throw new HoldfastException(
          ErrorCode.CACHE_MISUSE,
          "The computation of \"" + key
              + "\" waits for itself: it asked for its own key, or for one"
              + " whose computation waits for it: " + names(circle),
          Map.of("key", String.valueOf(key)),
          null);
    }
  }

  private static String names(List<Flight<?>> circle) {
    String names = circle.stream()
        .limit(NAMED)
        .map(flight -> "\"" + flight.key + "\"")
        .collect(Collectors.joining(" -> "));
    return circle.size() > NAMED ? names + " -> …" : names;
  }

  boolean hasLanded() {
    return landed.getCount() == 0;
  }

  Strand owner() {
    return owner;
  }

  /** The computation in whose body this one was asked for. */
  @Nullable
  Flight<?> enclosing() {
    return enclosing;
  }
}
