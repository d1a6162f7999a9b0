package dev.holdfast.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A count of what takes no longer than counting it would: even an atomic addition that nobody contends for costs as much as a look into a map.
 *
 * <p>A thread that counts often has a cell of its own, which nobody else writes, so that it needs no atomic addition. Which cell follows from
 * the thread's id; where that one is taken by another thread that is alive, and until a count is worth cells, an adder counts. A cell
 * whose thread has ended goes over to the next that wants it, count and all.
 *
 * <p>What a count adds to another one, its parent, is added up when the parent is asked. Nothing is ever lost or counted twice; a sum that is
 * taken while others count may miss what they just did. Safe for use by multiple threads.
 */
final class Tally {

  /** A power of two. */
  private static final int CELLS = 32;

  /** Many a state is looked at once and forgotten, which is not worth any cells. */
  private static final int WORTH_CELLS = 64;

  private final @Nullable Tally parent;
  private final LongAdder rest = new LongAdder();

  // Whoever does not see them yet takes the longer way.
  private @Nullable Cell @Nullable [] cells;

  /** Those that add to this one; null before there is any. Guarded by this. */
  private @Nullable Children children;

  Tally(@Nullable Tally parent) {
    this.parent = parent;
  }

  void increment() {
    @Nullable Cell[] all = cells;
    if (all != null) {
      long thread = Thread.currentThread().getId();
      Cell cell = all[(int) thread & (all.length - 1)];
      if (cell != null && cell.thread == thread) {
        cell.increment();
        return;
      }
    }
    incrementRest();
  }

  private void incrementRest() {
    rest.increment();
    if (parent != null) {
      parent.rest.increment();
    }
    if (rest.sum() >= WORTH_CELLS) {
      claim(Thread.currentThread());
    }
  }

  /** Gives a thread a cell, made or taken over, unless somebody has it who is alive. */
  private synchronized void claim(Thread thread) {
    @Nullable Cell[] all = cells;
    if (all == null) {
      all = new Cell[CELLS];
      cells = all;
      if (parent != null) {
        parent.adopt(this, all);
      }
    }
    int at = (int) thread.getId() & (CELLS - 1);
    Cell found = all[at];
    if (found == null || !found.isInUse()) {
      all[at] = new Cell(thread, found == null ? 0 : found.count());
    }
  }

  private synchronized void adopt(Tally child, @Nullable Cell[] cellsOfChild) {
    if (children == null) {
      children = new Children(rest);
    }
    children.add(child, cellsOfChild);
  }

  synchronized long sum() {
    long ofChildren = children == null ? 0 : children.sum();
    return rest.sum() + (cells == null ? 0 : sum(cells)) + ofChildren;
  }

  private static long sum(@Nullable Cell[] cells) {
    long sum = 0;
    for (Cell cell : cells) {
      sum += cell == null ? 0 : cell.count();
    }
    return sum;
  }

  /** What one thread counted, and those before it that had the cell. Written by that thread alone, read by all. */
  private static final class Cell {

    private static final VarHandle COUNT = handle();

    private final long thread;
    private final WeakReference<Thread> owner;

    /** Final, so that whoever finds the cell without a lock sees it. */
    private final long inherited;

    @SuppressWarnings("unused") // Used by its handle.
    private long count;

    Cell(Thread owner, long inherited) {
      this.thread = owner.getId();
      this.owner = new WeakReference<>(owner);
      this.inherited = inherited;
    }

    private static VarHandle handle() {
      try {
        return MethodHandles.lookup().findVarHandle(Cell.class, "count", long.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    void increment() {
      COUNT.setOpaque(this, (long) COUNT.get(this) + 1);
    }

    long count() {
      return inherited + (long) COUNT.getOpaque(this);
    }

    boolean isInUse() {
      Thread thread = owner.get();
      return thread != null && thread.isAlive();
    }
  }

  /** The cells of all that add to a count. Guarded by it. */
  private static final class Children {

    private final LongAdder gone;
    private final Set<Child> children = new HashSet<>();
    private final ReferenceQueue<Tally> orphans = new ReferenceQueue<>();

    /** None yet; what those counted that are not in use any more is added to {@code gone}. */
    Children(LongAdder gone) {
      this.gone = gone;
    }

    void add(Tally count, @Nullable Cell[] cells) {
      bury();
      children.add(new Child(count, cells, orphans));
    }

    long sum() {
      bury();
      return children.stream().mapToLong(child -> Tally.sum(child.cells)).sum();
    }

    private void bury() {
      for (Reference<?> orphan = orphans.poll(); orphan != null; orphan = orphans.poll()) {
        Child child = (Child) orphan;
        gone.add(Tally.sum(child.cells));
        children.remove(child);
      }
    }
  }

  /** The cells of a count, which are still there when it is not. */
  private static final class Child extends WeakReference<Tally> {

    private final @Nullable Cell[] cells;

    Child(Tally count, @Nullable Cell[] cells, ReferenceQueue<Tally> orphans) {
      super(count, orphans);
      this.cells = cells;
    }
  }
}
