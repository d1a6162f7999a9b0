package dev.holdfast.effect.breaker;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands still until it is moved. Safe for use by multiple threads. */
final class TestingClock implements InstantSource {

  private volatile Instant now = TestingBreaker.START;

  @Override
  public Instant instant() {
    return now;
  }

  long nanos() {
    return Duration.between(Instant.EPOCH, instant()).toNanos();
  }

  synchronized void pass(Duration time) {
    now = now.plus(time);
  }
}
