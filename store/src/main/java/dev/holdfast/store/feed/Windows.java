package dev.holdfast.store.feed;

import dev.holdfast.store.internal.FeedStore.Claim;
import dev.holdfast.store.internal.FeedStore.Window;
import java.util.List;

/**
 * Reads window after window of transactions, as wide as brings about the number of changes that is wanted. A window never splits a
 * transaction, so it can bring more. Confined to one thread.
 */
final class Windows {

  private static final long FIRST_WIDTH = 1_024;
  private static final long WIDEST = 1L << 50;

  private final ChangeFilter filter;
  private final int batchSize;
  private Claim claim;
  private long width = FIRST_WIDTH;
  private boolean caughtUp;

  Windows(Claim claim, ChangeFilter filter, SubscriptionOptions options) {
    this.claim = claim;
    this.filter = filter;
    this.batchSize = options.batchSize();
  }

  /** The position behind everything that was read so far. */
  Claim claim() {
    return claim;
  }

  /** Whether the last window reached the end of what is decided. */
  boolean isCaughtUp() {
    return caughtUp;
  }

  /** What the next window brings, perhaps nothing. */
  List<Delivery> next(ChangeFeed feed) {
    Window window = feed.read(claim, width, filter);
    claim = window.next();
    caughtUp = window.caughtUp();
    int rows = window.rows().size();
    if (rows > batchSize) {
      width = Math.max(1, width / 2);
    } else if ((rows == 0 || rows < batchSize / 2) && !caughtUp) {
      width = Math.min(WIDEST, rows == 0 ? width * 16 : width * 2);
    }
    return Delivery.of(window.rows(), filter);
  }
}
