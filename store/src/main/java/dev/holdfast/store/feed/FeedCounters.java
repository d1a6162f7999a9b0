package dev.holdfast.store.feed;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The counters behind {@link FeedMetrics}; those of a subscription add to those of its feed. Safe for use by multiple threads. */
final class FeedCounters {

  private final @Nullable FeedCounters parent;
  private final LongAdder delivered = new LongAdder();
  private final LongAdder failedAttempts = new LongAdder();
  private final LongAdder deadLetters = new LongAdder();

  FeedCounters(@Nullable FeedCounters parent) {
    this.parent = parent;
  }

  void delivered() {
    delivered.increment();
    if (parent != null) {
      parent.delivered();
    }
  }

  void failed() {
    failedAttempts.increment();
    if (parent != null) {
      parent.failed();
    }
  }

  void buried() {
    deadLetters.increment();
    if (parent != null) {
      parent.buried();
    }
  }

  FeedMetrics copy() {
    return new FeedMetrics(delivered.sum(), failedAttempts.sum(), deadLetters.sum());
  }
}
