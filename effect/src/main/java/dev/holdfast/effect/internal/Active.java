package dev.holdfast.effect.internal;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The bodies that run in this process, so that closing can wait for them and then stop them. Safe for use by multiple threads. */
final class Active {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition left = lock.newCondition();
  private final Set<Entry> entries = new HashSet<>();
  private boolean closed;

  Entry enter(Journal journal) {
    lock.lock();
    try {
      if (closed) {
        throw closed(null);
      }
      Entry entry = new Entry(journal, Thread.currentThread());
      entries.add(entry);
      return entry;
    } finally {
      lock.unlock();
    }
  }

  static HoldfastException closed(@Nullable Throwable cause) {
    return new HoldfastException(
        ErrorCode.CLOSED, "The effect transactions are closed", Map.of(), cause);
  }

  /**
   * Lets nobody in any more and waits for those inside; when that takes too long it stops them, so that they roll back, or are left to
   * another process that can go on with them, and waits once more.
   *
   * @return how many are still inside
   */
  int close(Duration patience) {
    lock.lock();
    try {
      closed = true;
      if (!isEmptyWithin(patience)) {
        entries.forEach(entry -> {
          entry.journal.leave(closed(null));
          entry.thread.interrupt();
        });
        isEmptyWithin(patience);
      }
      return entries.size();
    } finally {
      lock.unlock();
    }
  }

  /** An interrupted thread does not wait; the interrupt is for whoever looks next. */
  private boolean isEmptyWithin(Duration patience) {
    long nanos = patience.toNanos();
    try {
      while (!entries.isEmpty() && nanos > 0) {
        nanos = left.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return entries.isEmpty();
  }

  /** A body under way. */
  final class Entry {

    private final Journal journal;
    private final Thread thread;

    private Entry(Journal journal, Thread thread) {
      this.journal = journal;
      this.thread = thread;
    }

    /** The body has ended. */
    void leave() {
      lock.lock();
      try {
        entries.remove(this);
        left.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
