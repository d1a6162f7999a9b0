package dev.holdfast.cache;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A clock that stands still until it is told otherwise. It begins below zero, as that of a JVM may. */
final class TestingNanoTime implements LongSupplier {

  private final AtomicLong now = new AtomicLong(Long.MIN_VALUE / 3);

  void advance(Duration duration) {
    now.addAndGet(duration.toNanos());
  }

  @Override
  public long getAsLong() {
    return now.get();
  }
}
