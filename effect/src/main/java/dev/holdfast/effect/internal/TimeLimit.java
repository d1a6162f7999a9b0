package dev.holdfast.effect.internal;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Interrupts the thread of work that takes too long, and takes back an interrupt that came too late. Used once. */
final class TimeLimit {

  private final Thread thread = Thread.currentThread();
  private final Duration limit;
  private final Runnable onTimeout;
  private boolean over;
  private boolean rang;

  private TimeLimit(Duration limit, Runnable onTimeout) {
    this.limit = limit;
    this.onTimeout = onTimeout;
  }

  /**
   * Calls in this thread.
   *
   * @param onTimeout called before the interrupt, in another thread
   * @throws TimeoutException when the work failed after it was interrupted for its time; what it threw is the cause
   */
  static <T extends @Nullable Object> T call(
      ScheduledExecutorService timer, Duration limit, Runnable onTimeout, Callable<T> work)
      throws Exception {
    TimeLimit alarm = new TimeLimit(limit, onTimeout);
    Future<?> bell = timer.schedule(alarm::ring, limit.toNanos(), TimeUnit.NANOSECONDS);
    try {
      return work.call();
    } catch (Exception e) {
      if (alarm.disarm()) {
        throw alarm.timeout(e);
      }
      throw e;
    } finally {
      bell.cancel(false);
      alarm.disarm();
    }
  }

  private synchronized void ring() {
    if (!over) {
      rang = true;
      onTimeout.run();
      thread.interrupt();
    }
  }

  /** Whether it rang; from now on it does not. */
  private synchronized boolean disarm() {
    if (!over && rang) {
      Thread.interrupted();
    }
    over = true;
    return rang;
  }

  private TimeoutException timeout(Exception cause) {
    TimeoutException timeout = new TimeoutException("not done within " + limit);
    timeout.initCause(cause);
    return timeout;
  }
}
