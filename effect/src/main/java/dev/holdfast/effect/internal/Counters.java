package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectMetrics;
import java.util.concurrent.atomic.LongAdder;

/** What happened in this process. Safe for use by multiple threads. */
final class Counters {

  private final LongAdder started = new LongAdder();
  private final LongAdder committed = new LongAdder();
  private final LongAdder rolledBack = new LongAdder();
  private final LongAdder rollbackFailed = new LongAdder();
  private final LongAdder rollbackFailures = new LongAdder();
  private final LongAdder recovered = new LongAdder();
  private final LongAdder resumed = new LongAdder();

  void started() {
    started.increment();
  }

  void committed() {
    committed.increment();
  }

  void rolledBack(boolean failed, int failures) {
    (failed ? rollbackFailed : rolledBack).increment();
    rollbackFailures.add(failures);
  }

  void recovered() {
    recovered.increment();
  }

  void resumed() {
    resumed.increment();
  }

  EffectMetrics copy() {
    return new EffectMetrics(
        started.sum(),
        committed.sum(),
        rolledBack.sum(),
        rollbackFailed.sum(),
        rollbackFailures.sum(),
        recovered.sum(),
        resumed.sum());
  }
}
