package dev.holdfast.store.internal;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts the calls inside and lets nobody in after it was closed. Entering costs one uncontended lock, nothing beside the round trip that
 * follows. Safe for use by multiple threads.
 */
final class Gate {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition empty = lock.newCondition();
  private int inside;
  private boolean closed;

  /** Closing does not wait any more. */
  private boolean over;

  void enter() {
    lock.lock();
    try {
      if (closed) {
        throw closed();
      }
      inside++;
    } finally {
      lock.unlock();
    }
  }

  private static HoldfastException closed() {
    return new HoldfastException(ErrorCode.CLOSED, "This store is closed");
  }

  /** Refuses those inside for whom closing has waited long enough. */
  void requireWaitedFor() {
    lock.lock();
    try {
      if (over) {
        throw closed();
      }
    } finally {
      lock.unlock();
    }
  }

  void leave() {
    lock.lock();
    try {
      inside--;
      if (inside == 0) {
        empty.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  boolean close(Duration patience) {
    lock.lock();
    try {
      closed = true;
      return awaitEmpty(patience.toNanos());
    } finally {
      over = true;
      lock.unlock();
    }
  }

  private boolean awaitEmpty(long patience) {
    long left = patience;
    boolean interrupted = false;
    while (inside > 0 && left > 0) {
      long before = System.nanoTime();
      try {
        if (!empty.await(left, TimeUnit.NANOSECONDS)) {
          break;
        }
      } catch (InterruptedException e) {
        // Closing goes on: half-closed would be worse than late. The interrupt is handed back at
        // the end.
        interrupted = true;
      }
      left -= System.nanoTime() - before;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return inside == 0;
  }
}
