package dev.holdfast.store.cache.internal;

import dev.holdfast.store.cache.ReadCacheOptions;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Room in the order of reads: what nobody has read for the longest time goes first. One lock, which is held for a moment only, and readers of
 * a state come by no more often than once in 50 ms.
 */
final class LruRoom implements Room {

  private final long maximumWeight;
  private final int maximumStates;
  private final long idleNanos;
  private final LongSupplier nanoTime;

  /** The one read the longest time ago first: a read takes an entry out and puts it at the end. */
  private final Map<Slot, Counted> counted = new LinkedHashMap<>();

  private long weight;
  private long evictions;
  private long expirations;

  LruRoom(ReadCacheOptions options, LongSupplier nanoTime) {
    this.maximumWeight = options.maximumWeight();
    this.maximumStates = options.maximumStates();
    this.idleNanos = options.maximumIdle().map(Duration::toNanos).orElse(Long.MAX_VALUE);
    this.nanoTime = nanoTime;
  }

  /**
   * A content that is counted.
   *
   * @param weight as it was when it was counted
   * @param readAt when it was last read, by the monotonic clock
   */
  private record Counted(long weight, long readAt) {}

  @Override
  public synchronized void read(Slot slot) {
    forget(slot);
    count(slot, nanoTime.getAsLong());
    makeRoom();
  }

  @Override
  public synchronized void account(Slot slot) {
    Counted before = counted.get(slot);
    if (before == null) {
      count(slot, nanoTime.getAsLong());
    } else if (slot.held().content() == null) {
      forget(slot);
    } else {
      weight -= before.weight();
      count(slot, before.readAt());
    }
    makeRoom();
  }

  private void count(Slot slot, long readAt) {
    Content content = slot.held().content();
    if (content != null) {
      counted.put(slot, new Counted(content.weight(), readAt));
      weight += content.weight();
    }
  }

  private void forget(Slot slot) {
    Counted gone = counted.remove(slot);
    weight -= gone == null ? 0 : gone.weight();
  }

  private void makeRoom() {
    long now = nanoTime.getAsLong();
    Iterator<Map.Entry<Slot, Counted>> oldestFirst = counted.entrySet().iterator();
    while (oldestFirst.hasNext()) {
      Map.Entry<Slot, Counted> oldest = oldestFirst.next();
      boolean expired = now - oldest.getValue().readAt() > idleNanos;
      if (!expired && weight <= maximumWeight && counted.size() <= maximumStates) {
        return;
      }
      oldestFirst.remove();
      weight -= oldest.getValue().weight();
      oldest.getKey().forget();
      if (expired) {
        expirations++;
      } else {
        evictions++;
      }
    }
  }

  @Override
  public synchronized long states() {
    return counted.size();
  }

  @Override
  public synchronized long weight() {
    return weight;
  }

  @Override
  public synchronized long evictions() {
    return evictions;
  }

  @Override
  public synchronized long expirations() {
    return expirations;
  }

  @Override
  public synchronized void clear() {
    counted.clear();
    weight = 0;
  }
}
