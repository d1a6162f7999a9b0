package dev.holdfast.store;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The counters behind {@link StateMetrics}; those of a state add to those of its store. Safe for use by multiple threads. */
final class Counters {

  private final @Nullable Counters parent;
  private final LongAdder gets = new LongAdder();
  private final LongAdder sets = new LongAdder();
  private final LongAdder snapshots = new LongAdder();
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder cachedSnapshots = new LongAdder();
  private final Tally cachedGets;
  private final LongAdder cachedLooks = new LongAdder();
  private final LongAdder conflicts = new LongAdder();

  Counters(@Nullable Counters parent) {
    this.parent = parent;
    this.cachedGets = new Tally(parent == null ? null : parent.cachedGets);
  }

  void get() {
    gets.increment();
    if (parent != null) {
      parent.get();
    }
  }

  /** A read of keys that was answered from memory. */
  void cachedGet() {
    cachedGets.increment();
  }

  /** A look at the version or at all keys that was answered from memory. */
  void cachedLook() {
    cachedLooks.increment();
    if (parent != null) {
      parent.cachedLook();
    }
  }

  /** How many reads were answered from memory. */
  long fromMemory() {
    return cachedGets.sum() + cachedSnapshots.sum() + cachedLooks.sum();
  }

  void set(int keys) {
    sets.add(keys);
    if (parent != null) {
      parent.set(keys);
    }
  }

  void snapshotHit() {
    snapshots.increment();
    hits.increment();
    if (parent != null) {
      parent.snapshotHit();
    }
  }

  /** A snapshot that was answered from memory without asking the database. */
  void cachedSnapshot() {
    cachedSnapshots.increment();
    if (parent != null) {
      parent.cachedSnapshot();
    }
  }

  void snapshotMiss() {
    snapshots.increment();
    misses.increment();
    if (parent != null) {
      parent.snapshotMiss();
    }
  }

  void conflict() {
    conflicts.increment();
    if (parent != null) {
      parent.conflict();
    }
  }

  StateMetrics copy() {
    return new StateMetrics(
        gets.sum() + cachedGets.sum(),
        sets.sum(),
        snapshots.sum() + cachedSnapshots.sum(),
        hits.sum() + fromMemory(),
        misses.sum(),
        conflicts.sum());
  }
}
