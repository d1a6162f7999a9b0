package dev.holdfast.store;

import dev.holdfast.store.transaction.TransactionMetrics;
import java.util.concurrent.atomic.LongAdder;

/** The counters behind {@link TransactionMetrics}. Safe for use by multiple threads. */
final class TransactionCounters {

  private final LongAdder committed = new LongAdder();
  private final LongAdder rolledBack = new LongAdder();
  private final LongAdder retried = new LongAdder();
  private final LongAdder savepointsUndone = new LongAdder();
  private final LongAdder commitsInDoubt = new LongAdder();

  void committed() {
    committed.increment();
  }

  void rolledBack() {
    rolledBack.increment();
  }

  void retried() {
    retried.increment();
  }

  void savepointUndone() {
    savepointsUndone.increment();
  }

  void commitInDoubt() {
    commitsInDoubt.increment();
  }

  TransactionMetrics copy() {
    return new TransactionMetrics(
        committed.sum(),
        rolledBack.sum(),
        retried.sum(),
        savepointsUndone.sum(),
        commitsInDoubt.sum());
  }
}
