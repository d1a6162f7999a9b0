package dev.holdfast.effect.retry;

import java.time.Duration;

/** How a thread waits between attempts. Must be safe for use by multiple threads. */
@FunctionalInterface
public interface Sleeper {

  /**
   * Waits.
   *
   * @param pause how long, zero or more
   * @throws InterruptedException when the thread was interrupted before or while it waited; the interrupt status is then cleared
   */
  void sleep(Duration pause) throws InterruptedException;
}
