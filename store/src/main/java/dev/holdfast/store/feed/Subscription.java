package dev.holdfast.store.feed;

import dev.holdfast.logging.Log;
import dev.holdfast.logging.LogScope;
import dev.holdfast.store.internal.Closing;
import dev.holdfast.store.internal.FeedStore;
import dev.holdfast.store.internal.FeedStore.Ahead;
import dev.holdfast.store.internal.FeedStore.Claim;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * A consumer at work. It claims its name, delivers window after window, and moves the position after each. What fails in the database is
 * logged and tried again. Safe for use by multiple threads.
 *
 * <p>A position is the beginning of a window, so it cannot say what was handled of one that is left in the middle. That is said state by
 * state, as for what had to be delivered early to keep the order of a state's versions: see {@link FeedStore}.
 */
public final class Subscription implements AutoCloseable {

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

  private final ChangeFeed feed;
  private final Log log;
  private final String consumer;
  private final ChangeFilter filter;
  private final SubscriptionOptions options;
  private final ChangeHandler handler;
  private final Consumer<Subscription> onClose;
  private final UUID owner = UUID.randomUUID();
  private final Thread thread;
  private final FeedCounters counters;
  private volatile boolean closed;

  Subscription(
      ChangeFeed feed,
      String consumer,
      ChangeFilter filter,
      SubscriptionOptions options,
      ChangeHandler handler,
      Consumer<Subscription> onClose) {
    this.feed = feed;
    this.log = feed.logs().of(Subscription.class);
    this.consumer = consumer;
    this.filter = filter;
    this.options = options;
    this.handler = handler;
    this.onClose = onClose;
    this.counters = new FeedCounters(feed.counters());
    this.thread = new Thread(this::run, "holdfast-feed-" + consumer);
    this.thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** The name of the consumer. */
  public String consumer() {
    return consumer;
  }

  /** How often the handler returned. */
  public long delivered() {
    return counters.copy().delivered();
  }

  /** How often the handler threw. */
  public long failedAttempts() {
    return counters.copy().failedAttempts();
  }

  /** How many change sets became dead letters. */
  public long deadLetters() {
    return counters.copy().deadLetters();
  }

  private void run() {
    Duration pause = options.pollInterval();
    while (!closed) {
      try {
        feed.claim(consumer, owner, options).ifPresent(this::work);
        pause = options.pollInterval();
      } catch (RuntimeException | Error e) {
        // An error too, say that no thread could be made for a connection: nobody would miss a
        // thread that has ended.
        pause = longer(pause);
        if (!closed) {
          Duration next = pause;
          tell(() ->
              log.warn("The consumer {} could not go on; it tries again in {}", consumer, next, e));
        }
      }
      rest(pause);
    }
  }

  /** Twice as long, up to the longest; one that was longer from the beginning stays as it is. */
  static Duration longer(Duration pause) {
    if (pause.compareTo(LONGEST_PAUSE) > 0) {
      return pause;
    }
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
  }

  private void rest(Duration pause) {
    if (!closed) {
      LockSupport.parkNanos(this, pause.toNanos());
    }
  }

  /** Works until the claim is lost or the subscription closed. */
  private void work(Claim first) {
    Windows windows = new Windows(first, filter, options);
    Lease lease = new Lease(first);
    while (!closed && isWindowDelivered(windows, lease)) {
      if (lease.idle) {
        rest(options.pollInterval());
      }
    }
    if (closed) {
      feed.release(lease.position());
    }
  }

  /** False when the claim was lost, or the subscription was closed before the end of the window. */
  private boolean isWindowDelivered(Windows windows, Lease lease) {
    List<Delivery> deliveries = windows.next(feed);
    for (Delivery delivery : deliveries) {
      if (closed || !lease.isKept() || !isDelivered(lease, delivery)) {
        return false;
      }
      lease.handled(delivery);
    }
    return lease.reach(windows.claim(), deliveries.isEmpty() && windows.isCaughtUp());
  }

  private boolean isDelivered(Lease lease, Delivery delivery) {
    LogScope scope = feed.logs().scope(null, delivery.event().transactionId().toString());
    try {
      return isHandled(lease, delivery);
    } finally {
      scope.close();
    }
  }

  /** Hands one change set over, as often as it takes; false when the subscription was closed or the claim lost before it was done. */
  private boolean isHandled(Lease lease, Delivery delivery) {
    Duration pause = options.retryDelay();
    for (int attempt = 1; ; attempt++) {
      Optional<Throwable> failure = handle(delivery);
      if (failure.isEmpty()) {
        counters.delivered();
        return true;
      }
      if (closed) {
        return false;
      }
      counters.failed();
      if (attempt == options.maxAttempts()) {
        return isBuried(lease, delivery, attempt, failure.get());
      }
      if (!isRested(lease, pause)) {
        return false;
      }
      pause = longer(pause);
    }
  }

  /** False when somebody else has taken over during the last attempt: the change set is tried there, and may yet be handled. */
  private boolean isBuried(Lease lease, Delivery delivery, int attempts, Throwable failure) {
    if (!feed.bury(lease.reached, delivery, attempts, failure)) {
      lease.lost();
      return false;
    }
    counters.buried();
    tell(() -> log.error(
        "The consumer {} could not handle version {} of state {} in {} attempts; it is a dead letter now",
        consumer,
        delivery.event().version(),
        delivery.event().state(),
        attempts,
        failure));
    return true;
  }

  /** A backend may throw what it cannot write. That must not end the thread, nor have a dead letter delivered and kept again for ever. */
  private static void tell(Runnable line) {
    try {
      line.run();
    } catch (RuntimeException | Error e) {
      // There is no other place to say so.
    }
  }

  /**
   * Rests before the next attempt; false when there is to be none. The lease is seen to meanwhile: attempts and pauses together may take
   * longer, and would begin anew with whoever takes over.
   */
  private boolean isRested(Lease lease, Duration pause) {
    long end = System.nanoTime() + pause.toNanos();
    long part = options.lease().toNanos() / 4;
    for (long left = pause.toNanos(); left > 0; left = end - System.nanoTime()) {
      if (closed || !lease.isKept()) {
        return false;
      }
      rest(Duration.ofNanos(Math.min(left, part)));
    }
    return !closed && lease.isKept();
  }

  /** Whatever a handler throws is its own, and must not end the subscription. */
  private Optional<Throwable> handle(Delivery delivery) {
    try {
      handler.handle(delivery.event());
      return Optional.empty();
    } catch (Throwable e) {
      feed.hide(delivery.event(), e);
      return Optional.of(e);
    } finally {
      // With the mark of an interrupt that a handler leaves behind, pauses would end at once and
      // statements fail. The subscription itself is told to end by being closed.
      Thread.interrupted();
    }
  }

  /**
   * Waits for the change set that is being handled, ten seconds at most, and gives the consumer back. No other is handled after it. What was
   * handled is not delivered again, unless the database cannot be reached to say so. Closing again does nothing.
   */
  @Override
  public void close() {
    closeAll(List.of(this), CLOSE_PATIENCE);
  }

  /** Ends all of them at the same time, and waits so long for all of them together, ten seconds at most. */
  static void closeAll(List<Subscription> subscriptions, Duration limit) {
    Duration patience = limit.compareTo(CLOSE_PATIENCE) < 0 ? limit : CLOSE_PATIENCE;
    long deadline = System.nanoTime() + patience.toNanos();
    // Who was told before is waited for by whoever did that.
    List<Subscription> ended =
        subscriptions.stream().filter(Subscription::isToldToEnd).toList();
    Closing.all(ended.stream()
        .map(subscription -> (Runnable) () -> subscription.awaitEnd(deadline, patience))
        .toList());
  }

  /** False when it was told before. */
  private boolean isToldToEnd() {
    if (closed) {
      return false;
    }
    closed = true;
    onClose.accept(this);
    LockSupport.unpark(thread);
    return true;
  }

  private void awaitEnd(long deadline, Duration patience) {
    if (isOwnThread()) {
      return;
    }
    try {
      // At least a moment: zero would be for ever.
      TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, deadline - System.nanoTime()));
      if (thread.isAlive()) {
        thread.interrupt();
        log.warn(
            "The handler of the consumer {} is still at work after {} and is interrupted",
            consumer,
            patience);
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  @SuppressWarnings("ReferenceEquality") // The very thread is meant.
  private boolean isOwnThread() {
    return Thread.currentThread() == thread;
  }

  /** The sign of life that has to be given while a window is delivered, and the position that was reached. Confined to the thread. */
  private final class Lease {

    private Claim reached;
    private final Map<UUID, Ahead> handled = new HashMap<>();
    private long renewed = System.nanoTime();
    private boolean idle;

    Lease(Claim first) {
      this.reached = first;
    }

    private boolean isDue() {
      return System.nanoTime() - renewed > options.lease().toNanos() / 3;
    }

    /** Renews when it is time to; false when somebody else has taken over. */
    boolean isKept() {
      return !isDue() || move(position());
    }

    /** One more of the window; written down with the next sign of life, or when the consumer is given back. */
    void handled(Delivery delivery) {
      Ahead one = new Ahead(delivery.event().version(), delivery.xid());
      handled.merge(delivery.stateUuid(), one, Ahead::further);
    }

    /** The end of the last window, with what was handled since. */
    Claim position() {
      return reached.with(handled);
    }

    /** Everything up to here was delivered; an idle consumer writes that down only now and then. */
    boolean reach(Claim position, boolean nothingNew) {
      reached = position;
      handled.clear();
      idle = nothingNew;
      return (idle && !isDue()) || move(position);
    }

    private boolean move(Claim position) {
      boolean kept = feed.advance(position, options);
      if (kept) {
        renewed = System.nanoTime();
      } else {
        lost();
      }
      return kept;
    }

    void lost() {
      tell(() -> log.warn("The consumer {} was taken over by another subscription", consumer));
    }
  }
}
