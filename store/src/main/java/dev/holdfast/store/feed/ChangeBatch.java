package dev.holdfast.store.feed;

import dev.holdfast.error.TransientException;
import dev.holdfast.store.internal.FeedStore.Claim;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Change sets that were read and are to be acknowledged. Safe for use by multiple threads. */
public final class ChangeBatch {

  private static final ChangeBatch NONE =
      new ChangeBatch(null, null, List.of(), SubscriptionOptions.defaults());

  private final @Nullable ChangeFeed feed;
  private final @Nullable Claim claim;
  private final List<ChangeEvent> events;
  private final SubscriptionOptions options;
  private final ReentrantLock acknowledging = new ReentrantLock();
  private boolean acknowledged;

  ChangeBatch(
      @Nullable ChangeFeed feed,
      @Nullable Claim claim,
      List<Delivery> deliveries,
      SubscriptionOptions options) {
    this.feed = feed;
    this.claim = claim;
    this.events = deliveries.stream().map(Delivery::event).toList();
    this.options = options;
  }

  static ChangeBatch none() {
    return NONE;
  }

  /** The change sets, those of one state in the order of their versions. Unmodifiable. */
  public List<ChangeEvent> events() {
    return events;
  }

  /** Whether there is nothing to do. */
  public boolean isEmpty() {
    return events.isEmpty();
  }

  /**
   * Says that the change sets were handled, and lets other processes go on. Nothing for a batch that found the consumer taken, or that was
   * acknowledged already.
   *
   * @throws TransientException when the lease had ended and another process has claimed the consumer: it gets the change sets again
   */
  public void acknowledge() {
    acknowledging.lock();
    try {
      acknowledgeOnce();
    } finally {
      acknowledging.unlock();
    }
  }

  private void acknowledgeOnce() {
    if (feed != null && claim != null && !acknowledged) {
      if (!feed.advance(claim, options)) {
        throw new TransientException(
            "The lease of the consumer " + claim.consumer()
                + " had ended before its batch was acknowledged; it will be delivered again",
            Map.of("consumer", claim.consumer()),
            null);
      }
      acknowledged = true;
      feed.release(claim);
    }
  }
}
