package dev.holdfast.testkit;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waiting for something that only looking again can tell. */
final class Poll {

  private static final long PAUSE_MILLIS = 20;

  private Poll() {}

  /**
   * Looks until there is nothing left to see, or the time is over, or the thread is interrupted. The last look begins when the time is over:
   * one that began before it may have been held up for longer than all that it waits for.
   *
   * @return what was seen last
   */
  static <T extends Collection<?>> T untilEmpty(Duration limit, Supplier<T> look) {
    long deadline = System.nanoTime() + limit.toNanos();
    boolean last;
    T seen;
    do {
      last = System.nanoTime() - deadline >= 0;
      seen = look.get();
    } while (!seen.isEmpty() && !last && pause());
    return seen;
  }

  private static boolean pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
