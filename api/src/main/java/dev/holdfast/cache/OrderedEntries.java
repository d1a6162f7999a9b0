package dev.holdfast.cache;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Entries in an exact order: that of their last use, of their number of uses, or of their writing. One lock around everything; no call
 * does more than a few steps of a balanced tree under it.
 */
final class OrderedEntries<K, V> implements Entries<K, V> {

  private final CachePolicy policy;
  private final int maximumSize;
  private final LongSupplier clock;
  private final Listener listener;
  private final Map<K, Slot<K, V>> slots = new HashMap<>();
  private final TreeSet<Slot<K, V>> byRank =
      new TreeSet<>(Comparator.<Slot<K, V>>comparingLong(slot -> slot.rank)
          .thenComparingLong(slot -> slot.number));
  private final TreeSet<Slot<K, V>> byEnd =
      new TreeSet<>(Comparator.<Slot<K, V>>comparingLong(slot -> slot.entry.end())
          .thenComparingLong(slot -> slot.number));
  private long ticks;

  OrderedEntries(CachePolicy policy, int maximumSize, LongSupplier clock, Listener listener) {
    this.policy = policy;
    this.maximumSize = maximumSize;
    this.clock = clock;
    this.listener = listener;
  }

  @Override
  public synchronized @Nullable Entry<V> use(K key) {
    Slot<K, V> slot = slots.get(key);
    if (slot == null) {
      return null;
    }
    if (slot.entry.isExpired(clock.getAsLong())) {
      remove(slot);
      listener.expired();
      return null;
    }
    byRank.remove(slot);
    slot.rank = nextRank(slot);
    byRank.add(slot);
    return slot.entry;
  }

  private long nextRank(Slot<K, V> slot) {
    return switch (policy) {
      case LRU -> ++ticks;
      case LFU -> slot.rank + 1;
      case FIFO, ADAPTIVE -> slot.rank;
    };
  }

  @Override
  public synchronized void put(K key, Entry<V> entry) {
    Slot<K, V> known = slots.get(key);
    if (known != null) {
      remove(known);
    }
    if (maximumSize == 0) {
      return;
    }
    if (slots.size() >= maximumSize) {
      makeRoom();
    }
    long number = ++ticks;
    Slot<K, V> slot = new Slot<>(key, entry, number, policy == CachePolicy.LFU ? 1 : number);
    slots.put(key, slot);
    byRank.add(slot);
    if (entry.end() != Entry.NEVER) {
      byEnd.add(slot);
    }
  }

  /** One expired entry is enough: there is never more than one entry too many. */
  private void makeRoom() {
    if (!byEnd.isEmpty() && byEnd.first().entry.isExpired(clock.getAsLong())) {
      remove(byEnd.first());
      listener.expired();
    } else {
      remove(byRank.first());
      listener.evicted();
    }
  }

  private void remove(Slot<K, V> slot) {
    slots.remove(slot.key);
    byRank.remove(slot);
    byEnd.remove(slot);
  }

  @Override
  public synchronized boolean remove(K key) {
    Slot<K, V> slot = slots.get(key);
    if (slot == null) {
      return false;
    }
    remove(slot);
    return !slot.entry.isExpired(clock.getAsLong());
  }

  @Override
  public synchronized void clear() {
    slots.clear();
    byRank.clear();
    byEnd.clear();
  }

  @Override
  public synchronized int size() {
    return slots.size();
  }

  @Override
  public synchronized int expired() {
    long now = clock.getAsLong();
    int count = 0;
    for (Slot<K, V> slot : byEnd) {
      if (!slot.entry.isExpired(now)) {
        break;
      }
      count++;
    }
    return count;
  }

  /** The entry that has the least rank goes; the number is that of its writing and tells equals apart. */
  private static final class Slot<K, V> {
    final K key;
    final Entry<V> entry;
    final long number;
    long rank;

    Slot(K key, Entry<V> entry, long number, long rank) {
      this.key = key;
      this.entry = entry;
      this.number = number;
      this.rank = rank;
    }
  }
}
