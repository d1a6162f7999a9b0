package dev.holdfast.effect;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Measures for how long a thread that only wants to sleep a little was kept from going on, while it is open: where that is long, the time that
 * something else took says nothing. Used by one thread.
 */
final class TestingStalls implements AutoCloseable {

  private static final long PAUSE_MILLIS = 5;

  private final Thread sleeper = new Thread(this::sleep, "stalls");
  private volatile boolean closed;
  private volatile long longest;

  TestingStalls() {
    sleeper.setDaemon(true);
    sleeper.start();
  }

  private void sleep() {
    try {
      while (!closed) {
        long before = System.nanoTime();
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        longest = Math.max(longest, System.nanoTime() - before);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  Duration longest() {
    return Duration.ofNanos(longest);
  }

  @Override
  public void close() {
    closed = true;
  }
}
