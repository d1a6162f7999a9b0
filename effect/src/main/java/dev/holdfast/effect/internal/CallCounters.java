package dev.holdfast.effect.internal;

import dev.holdfast.effect.CallMetrics;
import java.util.concurrent.atomic.LongAdder;

/** The counters behind {@link CallMetrics}. Safe for use by multiple threads. */
final class CallCounters {

  private final LongAdder attempts = new LongAdder();
  private final LongAdder retries = new LongAdder();
  private final LongAdder rejections = new LongAdder();
  private final LongAdder transitions = new LongAdder();

  /** An attempt, counted from 1 within its call. */
  void attempt(int number) {
    attempts.increment();
    if (number > 1) {
      retries.increment();
    }
  }

  void rejected() {
    rejections.increment();
  }

  void transition() {
    transitions.increment();
  }

  CallMetrics copy() {
    return new CallMetrics(attempts.sum(), retries.sum(), rejections.sum(), transitions.sum());
  }
}
