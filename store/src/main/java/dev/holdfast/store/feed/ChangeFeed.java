package dev.holdfast.store.feed;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.internal.SqlFailure;
import dev.holdfast.logging.Logs;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.StateId;
import dev.holdfast.store.internal.FeedConsumers;
import dev.holdfast.store.internal.FeedStore;
import dev.holdfast.store.internal.FeedStore.Claim;
import dev.holdfast.store.internal.Session;
import dev.holdfast.store.internal.SqlWork;
import dev.holdfast.store.json.internal.TextRules;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Follows the changes of all states. A consumer has a name and a durable position; every change set is delivered to it at least once, those
 * of one state in the order of their versions, and none is skipped, however late its transaction commits. Change sets of different states
 * come in about the order of time. They are delivered once all transactions that began before theirs have ended: a transaction that stays
 * open, in any database of the server, holds the feed up, which {@link #lag} shows.
 *
 * <p>Processes that use the same consumer name share it: one of them works at a time, and when it stops giving signs of life another goes
 * on. Positions are transaction numbers of the server: after a logical copy to another server, consumers have to be {@linkplain #forget
 * forgotten} and begin anew.
 *
 * <p>Safe for use by multiple threads; every method blocks while the database answers.
 */
public final class ChangeFeed implements AutoCloseable {

  private static final int MOST_COUNTED = 10_000;
  private static final int MOST_OF_AN_ERROR = 10_000;

  private final Session session;
  private final FeedStore store;
  private final FeedConsumers consumers;
  private final FeedCounters counters = new FeedCounters(null);
  private final Logs logs;
  private final Redactor redactor;
  private final Duration closePatience;
  private final UUID owner = UUID.randomUUID();
  /** Also the lock of who begins and who closes, so that nobody is followed after closing. */
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

  private boolean closed;

  /**
   * Made by the store, which hands it out.
   *
   * @param session where statements run
   * @param store the statements
   * @param consumers lists the consumers
   * @param logs where log lines go
   * @param redactor hides sensitive fields in the errors of dead letters
   * @param closePatience how long closing waits for handlers at work, ten seconds at most
   */
  public ChangeFeed(
      Session session,
      FeedStore store,
      FeedConsumers consumers,
      Logs logs,
      Redactor redactor,
      Duration closePatience) {
    this.session = session;
    this.store = store;
    this.consumers = consumers;
    this.logs = logs;
    this.redactor = redactor;
    this.closePatience = closePatience;
  }

  /** Follows from the beginning of history, see {@link #subscribe(String, ChangeFilter, SubscriptionOptions, ChangeHandler)}. */
  public Subscription subscribe(String consumer, ChangeFilter filter, ChangeHandler handler) {
    return subscribe(consumer, filter, SubscriptionOptions.defaults(), handler);
  }

  /**
   * Hands every change set to a handler, one after the other, on a thread of the subscription, until it is closed. A change set whose
   * handler fails is tried again after a pause; after the last attempt it becomes a {@linkplain #deadLetters dead letter} and the next one
   * follows.
   *
   * @param consumer 1 to 512 bytes; the same name in several processes shares the work
   * @throws HoldfastException with {@link ErrorCode#CLOSED} when the store was closed
   */
  public Subscription subscribe(
      String consumer, ChangeFilter filter, SubscriptionOptions options, ChangeHandler handler) {
    requireName(consumer);
    // Missing ones would show in the thread only: every change set would become a dead letter.
    Objects.requireNonNull(filter, "filter");
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(handler, "handler");
    Subscription subscription =
        new Subscription(this, consumer, filter, options, handler, subscriptions::remove);
    synchronized (subscriptions) {
      if (closed) {
        throw new HoldfastException(ErrorCode.CLOSED, "This store is closed");
      }
      subscriptions.add(subscription);
      start(subscription);
    }
    return subscription;
  }

  private void start(Subscription subscription) {
    try {
      subscription.start();
    } catch (Error e) {
      // There may be no thread to be had.
      subscriptions.remove(subscription);
      throw e;
    }
  }

  /** Reads the next change sets with the default options, see {@link #poll(String, ChangeFilter, SubscriptionOptions)}. */
  public ChangeBatch poll(String consumer, ChangeFilter filter) {
    return poll(consumer, filter, SubscriptionOptions.defaults());
  }

  /**
   * Reads the next change sets, for those who want no thread. They are delivered again, by this or another process, unless the batch is
   * {@linkplain ChangeBatch#acknowledge acknowledged} before the lease ends. A second poll of this process without an acknowledgement
   * reads the same again.
   *
   * @return a batch that is empty when there is nothing new, or while another process works for the consumer
   */
  public ChangeBatch poll(String consumer, ChangeFilter filter, SubscriptionOptions options) {
    requireName(consumer);
    // A missing one would show when the consumer is taken already, and kept from others for a
    // lease.
    Objects.requireNonNull(filter, "filter");
    Objects.requireNonNull(options, "options");
    Optional<Claim> claim = claim(consumer, owner, options);
    if (claim.isEmpty()) {
      return ChangeBatch.none();
    }
    Windows windows = new Windows(claim.get(), filter, options);
    List<Delivery> deliveries = windows.next(this);
    while (deliveries.isEmpty() && !windows.isCaughtUp()) {
      deliveries = windows.next(this);
    }
    return new ChangeBatch(this, windows.claim(), deliveries, options);
  }

  Logs logs() {
    return logs;
  }

  Optional<Claim> claim(String consumer, UUID by, SubscriptionOptions options) {
    return run(
        "claiming the consumer " + consumer,
        connection ->
            store.claim(connection, consumer, by, options.lease(), options.isFromBeginning()));
  }

  boolean advance(Claim to, SubscriptionOptions options) {
    return run(
        "moving the consumer " + to.consumer(),
        connection -> store.advance(connection, to, options.lease()));
  }

  void release(Claim claim) {
    run("giving back the consumer " + claim.consumer(), connection -> {
      store.release(connection, claim);
      return true;
    });
  }

  FeedStore.Window read(Claim from, long width, ChangeFilter filter) {
    return run(
        "reading changes for the consumer " + from.consumer(),
        connection -> store.read(connection, from, width, filter.namespace().orElse(null)));
  }

  /** What a handler was given under sensitive names is not to be seen in what is shown of its failure. */
  void hide(ChangeEvent event, Throwable failure) {
    redactor.known().add(event).hideIn(failure);
  }

  boolean bury(Claim by, Delivery delivery, int attempts, Throwable failure) {
    String error = TextRules.shown(redactor.line(failure), MOST_OF_AN_ERROR);
    return run(
        "keeping a dead letter of the consumer " + by.consumer(),
        connection -> store.bury(
            connection, by, delivery.stateUuid(), delivery.event().version(), attempts, error));
  }

  /** How far a consumer is behind; nothing for a consumer that was never claimed. */
  public FeedLag lag(String consumer) {
    requireName(consumer);
    return run(
        "measuring the lag of the consumer " + consumer,
        connection -> store.lag(connection, consumer, MOST_COUNTED));
  }

  /**
   * The consumers that exist, of all processes, those first whose position has not moved for longest.
   *
   * @param limit at most so many, 1 to 10,000
   */
  public List<String> consumers(int limit) {
    requirePage(limit, "consumers");
    return run(
        "listing the consumers of the feed", connection -> consumers.list(connection, limit));
  }

  /** What the subscriptions of this process did. */
  public FeedMetrics metrics() {
    return counters.copy();
  }

  FeedCounters counters() {
    return counters;
  }

  /**
   * The change sets that a consumer could not handle, oldest first.
   *
   * @param limit at most so many, 1 to 10,000
   */
  public List<DeadLetter> deadLetters(String consumer, int limit) {
    requireName(consumer);
    requirePage(limit, "dead letters");
    return run(
        "reading dead letters of the consumer " + consumer,
        connection -> store.dead(connection, consumer, limit));
  }

  /** Removes a dead letter that was seen to; false when there is none such. The change set stays in history. */
  public boolean discard(String consumer, StateId state, long version) {
    requireName(consumer);
    return run(
        "removing a dead letter of the consumer " + consumer,
        connection -> store.discard(connection, consumer, state.uuid(), version));
  }

  /** Removes a consumer and its position; false when there is none such. Its dead letters stay. */
  public boolean forget(String consumer) {
    requireName(consumer);
    return run(
        "forgetting the consumer " + consumer, connection -> store.forget(connection, consumer));
  }

  private static void requirePage(int limit, String what) {
    if (limit < 1 || limit > MOST_COUNTED) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "A page has 1 to " + MOST_COUNTED + " " + what + ", not " + limit);
    }
  }

  private static void requireName(String consumer) {
    TextRules.requireText("consumer", consumer, StateId.MAX_BYTES);
  }

  private <T> T run(String doing, SqlWork<T> work) {
    try {
      return session.run(work);
    } catch (SQLException e) {
      throw SqlFailure.translate(e, doing);
    }
  }

  /**
   * Ends all subscriptions, and refuses new ones. Waits for the change sets that are being handled, ten seconds at most for all of them, or
   * the close patience of the store where that is less.
   */
  @Override
  public void close() {
    synchronized (subscriptions) {
      closed = true;
    }
    Subscription.closeAll(subscriptions, closePatience);
  }
}
