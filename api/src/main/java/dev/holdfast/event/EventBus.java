package dev.holdfast.event;

import dev.holdfast.contract.EventBusContract;
import dev.holdfast.contract.EventBusContract.Routing;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.feed.ChangeEvent;
import dev.holdfast.store.feed.ChangeFeed;
import dev.holdfast.store.feed.ChangeFilter;
import dev.holdfast.store.feed.ChangeHandler;
import dev.holdfast.store.feed.Subscription;
import dev.holdfast.store.feed.SubscriptionOptions;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonLimits;
import dev.holdfast.store.json.internal.JsonGuard;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import org.slf4j.MDC;

/**
 * Carries events to those who listen, as the event bus contract says.
 *
 * <p>{@link #publish Published} events go to listeners of this process, each of which has a thread and a bounded buffer of its own: one that
 * fails or is slow holds up no other. They live in memory only, and are lost with the process. What must not be lost is a change of a state,
 * and those are {@linkplain #changes followed} through the durable feed, at least once and in order.
 *
 * <p>No writer of states waits for a listener. Safe for use by multiple threads.
 */
public final class EventBus implements AutoCloseable {

  private static final Pattern NAME = Pattern.compile("[a-z0-9_]+([.-][a-z0-9_]+)*");
  private static final int LONGEST_NAME = 200;
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

  private final EventBusContract contract;
  private final ChangeFeed feed;
  private final Logs logs;
  private final Log log;
  private final Redactor redactor;
  private final JsonLimits limits;
  private final Undelivered undelivered;
  private final Duration closePatience;
  private final List<Mailbox> mailboxes = new CopyOnWriteArrayList<>();
  private final LongAdder published = new LongAdder();
  private final EventCounts counts = new EventCounts();
  private volatile boolean closed;

  /**
   * Made by {@code Holdfast}, which hands it out.
   *
   * @param feed the durable side
   * @param limits what payloads may look like
   */
  public EventBus(
      EventBusContract contract, ChangeFeed feed, Logs logs, Redactor redactor, JsonLimits limits) {
    this(contract, feed, logs, redactor, limits, InstantSource.system(), CLOSE_PATIENCE);
  }

  /** With another clock than that of the system, and another time for listeners to end in than five seconds. */
  EventBus(
      EventBusContract contract,
      ChangeFeed feed,
      Logs logs,
      Redactor redactor,
      JsonLimits limits,
      InstantSource clock,
      Duration closePatience) {
    this.contract = contract;
    this.feed = feed;
    this.logs = logs;
    this.log = logs.of(EventBus.class);
    this.redactor = redactor;
    this.limits = limits;
    this.closePatience = closePatience;
    this.undelivered = new Undelivered(contract, clock, log, redactor);
  }

  /**
   * Calls a listener with every event that its key routes to it, on a thread of its own, until it is closed.
   *
   * @param key by the contract's routing: the type of events ({@code type_based}; {@code priority_based}, where events that wait overtake
   *     those of smaller priority); a topic, whose last word may be {@code *} for everything below ({@code topic_based}); or any name
   *     ({@code broadcast}, where every listener gets every event)
   * @throws HoldfastException with {@link ErrorCode#INVALID_ARGUMENT} when the key is no name, or ends with {@code *} where types are compared
   */
  public EventSubscription subscribe(String key, EventListener listener) {
    requireOpen();
    requireKey(key);
    // A missing one would show in the thread only: every event would be undelivered.
    Objects.requireNonNull(listener, "listener");
    Mailbox mailbox = new Mailbox(key, contract, listener, undelivered, counts, logs, this::close);
    synchronized (mailboxes) {
      // Closing ends all there are, and this one would not be among them.
      requireOpen();
      // In this order: there may be no thread to be had.
      mailbox.start();
      mailboxes.add(mailbox);
    }
    return mailbox;
  }

  /**
   * Hands an event to the listeners that it is routed to, and does not wait for them to handle it. It waits for room in a full buffer, up to
   * the contract's timeout, and not again for the same listener until that has taken something.
   *
   * @return how many listeners will get it; 0 when the bus is switched off
   * @throws HoldfastException with {@link ErrorCode#INVALID_ARGUMENT} when type or topic are no names, and with {@link ErrorCode#CODEC}
   *     when the payload breaks the limits of values, as far as the contract validates events; with {@link ErrorCode#TRANSIENT} when a
   *     listener has no room and the contract does not degrade; all others get the event then, and once more when it is published again
   */
  public int publish(Event event) {
    requireOpen();
    if (!contract.eventBusEnabled()) {
      return 0;
    }
    validate(event);
    Event sent = correlated(event);
    published.increment();
    if (contract.enableEventLogging()) {
      log.debug("{} is published", sent);
    }
    return offer(sent);
  }

  /** To all of them, before it is said that one has no room. */
  private int offer(Event event) {
    int takers = 0;
    HoldfastException full = null;
    for (Mailbox mailbox : mailboxes) {
      try {
        if (isFor(mailbox.key(), event) && mailbox.offer(event)) {
          takers++;
        }
      } catch (HoldfastException e) {
        if (full == null) {
          full = e;
        } else {
          full.addSuppressed(e);
        }
      }
    }
    if (full != null) {
      throw full;
    }
    return takers;
  }

  private void validate(Event event) {
    if (contract.enableEventValidation()) {
      requireName("type", event.type());
      requireName("topic", event.topic());
      JsonGuard.check(Json.write(event.payload()), limits, "the payload of " + event);
    }
  }

  /** A type never ends with a star, so that a listener of one would get nothing and not know why. */
  private void requireKey(String key) {
    boolean below = key.endsWith(".*");
    requireName("key", below ? key.substring(0, key.length() - 2) : key);
    Routing routing = contract.routingKeyStrategy();
    if (below && (routing == Routing.TYPE_BASED || routing == Routing.PRIORITY_BASED)) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "The key \"" + key + "\" stands for topics, and event_bus.routing_key_strategy is "
              + routing + ", which compares types; topic_based compares topics");
    }
  }

  private static void requireName(String what, String name) {
    if (name.length() > LONGEST_NAME || !NAME.matcher(name).matches()) {
      String shown = name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) + "…" : name;
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "The " + what
              + " of an event has words of small letters, digits and _ between . or -, and at most "
              + LONGEST_NAME + " characters, unlike \"" + shown + "\"");
    }
  }

  private Event correlated(Event event) {
    if (!contract.correlationTracking()) {
      return event.correlationId(null);
    }
    return event.correlationId() == null
        ? event.correlationId(MDC.get(Logs.CORRELATION_ID))
        : event;
  }

  private boolean isFor(String key, Event event) {
    return switch (contract.routingKeyStrategy()) {
      case BROADCAST -> true;
      case TYPE_BASED, PRIORITY_BASED -> key.equals(event.type());
      case TOPIC_BASED ->
        key.endsWith(".*")
            ? event.topic().startsWith(key.substring(0, key.length() - 1))
            : key.equals(event.topic());
    };
  }

  /**
   * Follows changes of states through the durable feed, with the attempts and pauses of the contract, see {@link
   * ChangeFeed#subscribe}. A change set that fails in all attempts becomes a durable dead letter of the feed, or is logged and left when the
   * contract keeps none.
   *
   * @throws HoldfastException with {@link ErrorCode#CONFIGURATION} when the bus is switched off, or carries events in memory only
   */
  public Subscription changes(String consumer, ChangeFilter filter, ChangeHandler handler) {
    requireOpen();
    if (!contract.eventBusEnabled() || contract.eventBusType() != EventBusContract.Type.HYBRID) {
      throw new HoldfastException(
          ErrorCode.CONFIGURATION,
          "Changes are followed when event_bus.event_bus_enabled is true and event_bus.event_bus_type is hybrid");
    }
    SubscriptionOptions options = SubscriptionOptions.defaults()
        .maxAttempts(1 + contract.maxRetryAttempts())
        .retryDelay(Duration.ofMillis(Math.max(1, contract.retryDelayMs())));
    return feed.subscribe(
        consumer,
        filter,
        options,
        contract.enableDeadLetterQueue() ? handler : new Leaving(consumer, handler));
  }

  /** What listeners of this process did not get, oldest first: as many as a buffer holds, for the contract's time. */
  public List<UndeliveredEvent> undelivered() {
    return undelivered.list();
  }

  /** How events went. */
  public EventBusMetrics metrics() {
    return new EventBusMetrics(
        published.sum(),
        counts.delivered().sum(),
        counts.failedAttempts().sum(),
        undelivered.count());
  }

  private void requireOpen() {
    if (closed) {
      throw new HoldfastException(ErrorCode.CLOSED, "The event bus is closed");
    }
  }

  /**
   * Closes all listeners at the same time, see {@link EventSubscription#close()}, and waits for all of them together no longer than for one.
   * What follows changes is closed with the feed.
   */
  @Override
  public void close() {
    synchronized (mailboxes) {
      closed = true;
    }
    close(mailboxes);
  }

  private void close(List<Mailbox> closing) {
    Mailbox.closeAll(closing, mailboxes::remove, closePatience);
  }

  /** Gives up a change set after the last attempt without a dead letter. Called by one thread. */
  private final class Leaving implements ChangeHandler {

    private final String consumer;
    private final ChangeHandler handler;
    private final Map<String, Integer> failures = new ConcurrentHashMap<>();

    Leaving(String consumer, ChangeHandler handler) {
      this.consumer = consumer;
      this.handler = handler;
    }

    @Override
    public void handle(ChangeEvent event) throws Exception {
      String set = event.state() + "@" + event.version();
      try {
        handler.handle(event);
        failures.remove(set);
      } catch (InterruptedException e) {
        throw e;
      } catch (Throwable e) {
        if (failures.merge(set, 1, Integer::sum) <= contract.maxRetryAttempts()) {
          throw e;
        }
        failures.remove(set);
        redactor.known().add(event).hideIn(e);
        log.error("The consumer {} could not handle {} and leaves it", consumer, set, e);
      }
    }
  }
}
