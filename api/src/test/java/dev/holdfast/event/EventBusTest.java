package dev.holdfast.event;

import static dev.holdfast.event.TestingBuses.awaitSize;
import static dev.holdfast.event.TestingBuses.event;
import static dev.holdfast.event.TestingBuses.numbers;
import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.contract.ContractViolationException;
import dev.holdfast.contract.Contracts;
import dev.holdfast.contract.Drives;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.event.TestingBuses.Held;
import dev.holdfast.logging.Logs;
import dev.holdfast.store.feed.ChangeFilter;
import dev.holdfast.store.feed.Subscription;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

@HoldfastTest
@Timeout(600)
public class EventBusTest {

  private final TestingBuses buses;

  EventBusTest(TestDatabase database) {
    buses = new TestingBuses(database);
  }

  @AfterEach
  void close() {
    buses.close();
    MDC.clear();
  }

  private EventBus bus(Object... fields) {
    return buses.bus(fields);
  }

  @Test
  void everyListenerGetsItsEventsInOrder() {
    EventBus bus = bus("publish_timeout_ms", 30_000);
    List<Event> one = new CopyOnWriteArrayList<>();
    List<Event> two = new CopyOnWriteArrayList<>();
    bus.subscribe("a", one::addAll);
    bus.subscribe("a", two::addAll);
    for (int i = 0; i < 1_000; i++) {
      assertThat(bus.publish(event("a", i))).isEqualTo(2);
    }
    awaitSize(one, 1_000);
    awaitSize(two, 1_000);
    assertThat(numbers(one)).isSorted().isEqualTo(numbers(two));
    await().untilAsserted(() -> assertThat(bus.metrics().delivered()).isEqualTo(2_000));
    assertThat(bus.metrics()).isEqualTo(new EventBusMetrics(1_000, 2_000, 0, 0));
  }

  @Test
  @Drives("event_bus.event_bus_enabled")
  void aBusThatIsOffCarriesNothing() {
    EventBus off = bus("event_bus_enabled", false);
    List<Event> got = new CopyOnWriteArrayList<>();
    EventSubscription subscription = off.subscribe("a", got::addAll);
    assertThat(off.publish(event("a", 1))).isZero();
    subscription.close();
    assertThat(got).isEmpty();
    assertThatThrownBy(() -> off.changes("c", ChangeFilter.all(), change -> {}))
        .hasMessageContaining("event_bus_enabled");
  }

  @Test
  @Drives("event_bus.event_bus_type")
  void onlyAHybridBusFollowsChangesAndThereIsNoBroker() {
    assertThatThrownBy(
            () -> bus("event_bus_type", "memory").changes("c", ChangeFilter.all(), change -> {}))
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
        .hasMessageContaining("hybrid");
    try (Subscription subscription = bus().changes("hybrid", ChangeFilter.all(), change -> {})) {
      assertThat(subscription.consumer()).isEqualTo("hybrid");
    }
    for (String broker : List.of("kafka", "redis")) {
      assertThatThrownBy(() -> Contracts.of(Map.of("event_bus", Map.of("event_bus_type", broker))))
          .isInstanceOf(ContractViolationException.class)
          .hasMessageContaining("there is no publisher for it");
    }
  }

  @Test
  @Drives("event_bus.enable_event_logging")
  void publishedEventsAreLoggedWithoutPayload() {
    assertThat(logged(bus())).anyMatch(line -> line.contains("login") && !line.contains("hunter2"));
    assertThat(logged(bus("enable_event_logging", false))).isEmpty();
  }

  private static List<String> logged(EventBus bus) {
    Logger logger = (Logger) LoggerFactory.getLogger(EventBus.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    logger.setLevel(Level.DEBUG);
    logger.setAdditive(false);
    bus.publish(Event.of("login", json(Map.of("password", "hunter2"))));
    logger.setLevel(null);
    logger.setAdditive(true);
    logger.detachAppender(lines);
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  @Drives("event_bus.correlation_tracking")
  void eventsCarryTheCorrelationIdToTheListener() {
    List<String> seen = new CopyOnWriteArrayList<>();
    EventListener look =
        events -> seen.add(events.get(0).correlation() + " " + MDC.get(Logs.CORRELATION_ID));
    MDC.put(Logs.CORRELATION_ID, "request-7");
    EventBus bus = bus();
    bus.subscribe("a", look);
    bus.publish(event("a", 1));
    awaitSize(seen, 1);
    bus.publish(event("a", 1).correlationId("own"));
    awaitSize(seen, 2);
    EventBus untracked = bus("correlation_tracking", false);
    untracked.subscribe("a", look);
    untracked.publish(event("a", 1));
    awaitSize(seen, 3);
    assertThat(seen)
        .containsExactly(
            "Optional[request-7] request-7", "Optional[own] own", "Optional.empty null");
  }

  /** A line that tells of one event must not be found under the id of another. */
  @Test
  void aBatchOfSeveralCorrelationIdsIsHandledUnderNone() throws InterruptedException {
    List<String> seen = new CopyOnWriteArrayList<>();
    EventBus bus = bus("event_batch_size", 2);
    CountDownLatch taken = new CountDownLatch(1);
    CountDownLatch open = new CountDownLatch(1);
    bus.subscribe("a", events -> {
      taken.countDown();
      open.await();
      seen.add(numbers(events) + " " + MDC.get(Logs.CORRELATION_ID));
    });
    bus.publish(event("a", 0).correlationId("first"));
    taken.await();
    List<String> ids = List.of("one", "one", "one", "two");
    for (int i = 0; i < ids.size(); i++) {
      bus.publish(event("a", i + 1).correlationId(ids.get(i)));
    }
    open.countDown();
    awaitSize(seen, 3);
    assertThat(seen).containsExactly("[0] first", "[1, 2] one", "[3, 4] null");
  }

  @Test
  @Drives("event_bus.enable_event_validation")
  void namesAndPayloadsAreValidated() {
    EventBus bus = bus();
    for (String name : List.of("", "Upper", "a..b", "a b", "a*", "x".repeat(201))) {
      assertThatThrownBy(() -> bus.publish(event("a", 1).topic(name)))
          .as(name)
          .isInstanceOf(HoldfastException.class);
    }
    assertThatThrownBy(() -> bus.publish(Event.of("a", json("x".repeat(2_000_000)))))
        .hasMessageContaining("payload");
    assertThat(bus.metrics().published()).isZero();
    assertThat(bus("enable_event_validation", false).publish(event("a", 1).topic("A b")))
        .isZero();
  }

  @Test
  @Drives({"event_bus.max_retry_attempts", "event_bus.retry_delay_ms"})
  void aListenerThatFailsIsTriedAgainAfterAPause() {
    EventBus bus = bus("max_retry_attempts", 2, "retry_delay_ms", 60);
    List<Long> times = new CopyOnWriteArrayList<>();
    List<Event> other = new CopyOnWriteArrayList<>();
    bus.subscribe("a", events -> {
      times.add(System.nanoTime());
      throw new IllegalStateException("token=abc");
    });
    bus.subscribe("a", other::addAll);
    bus.publish(event("a", 1));
    awaitSize(other, 1); // which the failing one does not hold up
    await().until(() -> bus.undelivered().size() == 1);
    assertThat(times).hasSize(3);
    assertThat(times.get(2) - times.get(0)).isGreaterThanOrEqualTo(120_000_000L);
    assertThat(bus.undelivered().get(0).reason()).contains("token=[REDACTED]");
    await()
        .untilAsserted(() -> assertThat(bus.metrics()).isEqualTo(new EventBusMetrics(1, 1, 3, 1)));
  }

  @Test
  void aStarIsRefusedWhereKeysAreNoTopics() {
    for (String routing : List.of("type_based", "priority_based")) {
      assertThatThrownBy(
              () -> bus("routing_key_strategy", routing).subscribe("trips.*", events -> {}))
          .isInstanceOf(HoldfastException.class)
          .hasMessageContaining("\"trips.*\"")
          .hasMessageContaining("topic_based");
    }
    assertThatThrownBy(() -> bus().subscribe("Trips", events -> {}))
        .hasMessageContaining("\"Trips\"");
    assertThatThrownBy(() -> bus().subscribe("x".repeat(1_000), events -> {}))
        .extracting(failure -> String.valueOf(failure.getMessage()).length())
        .asInstanceOf(InstanceOfAssertFactories.INTEGER)
        .isLessThan(500);
  }

  @Test
  @Drives({"event_bus.enable_dead_letter_queue", "event_bus.event_retention_seconds"})
  void whatAListenerDidNotGetIsKeptForAWhile() {
    EventBus keeping = bus("max_retry_attempts", 0, "event_retention_seconds", 60);
    EventBus dropping = bus("max_retry_attempts", 0, "enable_dead_letter_queue", false);
    for (EventBus bus : List.of(keeping, dropping)) {
      bus.subscribe("a", events -> {
        throw new IllegalStateException();
      });
      bus.publish(event("a", 1));
      await().until(() -> bus.metrics().undelivered() == 1);
    }
    assertThat(dropping.undelivered()).isEmpty();
    // It is counted before it is kept with the time of then.
    await().until(() -> keeping.undelivered().size() == 1);
    buses.now.set(Instant.EPOCH.plusSeconds(59));
    assertThat(keeping.undelivered()).hasSize(1);
    buses.now.set(Instant.EPOCH.plusSeconds(60));
    assertThat(keeping.undelivered()).isEmpty();
  }

  @Test
  @Drives({
    "event_bus.event_buffer_size",
    "event_bus.publish_timeout_ms",
    "event_bus.graceful_degradation"
  })
  void aFullBufferIsWaitedForOnceAndLosesNothingSilently() throws InterruptedException {
    EventBus bus = bus("event_buffer_size", 10, "publish_timeout_ms", 200);
    Held held = new Held();
    bus.subscribe("a", held);
    bus.publish(event("a", 0));
    held.taken.await();
    for (int i = 1; i <= 10; i++) {
      assertThat(bus.publish(event("a", i))).isEqualTo(1);
    }
    long start = System.nanoTime();
    assertThat(bus.publish(event("a", 11))).isZero();
    long first = System.nanoTime() - start;
    for (int i = 12; i < 112; i++) {
      assertThat(bus.publish(event("a", i))).isZero();
    }
    long rest = System.nanoTime() - start - first;
    assertThat(first).isGreaterThanOrEqualTo(200_000_000L);
    assertThat(rest).isLessThan(100 * 200_000_000L / 2);
    held.open.countDown();
    awaitSize(held.got, 11);
    assertThat(bus.metrics().undelivered()).isEqualTo(101);
    assertThat(bus.undelivered()).hasSize(10);
    assertThat(bus.publish(event("a", 112))).isEqualTo(1);

    EventBus strict =
        bus("event_buffer_size", 10, "publish_timeout_ms", 100, "graceful_degradation", false);
    Held stuck = new Held();
    strict.subscribe("a", stuck);
    strict.publish(event("a", 0));
    stuck.taken.await();
    for (int i = 1; i <= 10; i++) {
      strict.publish(event("a", i));
    }
    assertThatThrownBy(() -> strict.publish(event("a", 11)))
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TRANSIENT));
    stuck.open.countDown();
  }

  /** It is lost for the one that has no room, and for nobody else. */
  @Test
  void whoHasNoRoomKeepsNoEventFromTheOthers() throws InterruptedException {
    EventBus bus =
        bus("event_buffer_size", 10, "publish_timeout_ms", 100, "graceful_degradation", false);
    Held stuck = new Held();
    bus.subscribe("a", stuck);
    List<Event> got = new CopyOnWriteArrayList<>();
    bus.subscribe("a", got::addAll);
    bus.publish(event("a", 0));
    stuck.taken.await();
    awaitSize(got, 1); // or this one would have no room for all of the next ten
    for (int i = 1; i <= 10; i++) {
      bus.publish(event("a", i));
    }
    awaitSize(got, 11);
    for (int i = 11; i <= 12; i++) {
      Event full = event("a", i);
      assertThatThrownBy(() -> bus.publish(full))
          .isInstanceOfSatisfying(
              HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TRANSIENT))
          .hasMessageContaining(full.toString());
    }
    awaitSize(got, 13);
    assertThat(bus.metrics().undelivered()).isEqualTo(2);
    stuck.open.countDown();
  }

  /** Nobody makes room any more. */
  @Test
  void whoWaitsForRoomIsToldThatTheListenerIsClosed() throws Exception {
    EventBus bus = bus("event_buffer_size", 10, "publish_timeout_ms", 30_000);
    Held held = new Held();
    EventSubscription subscription = bus.subscribe("a", held);
    bus.publish(event("a", 0));
    held.taken.await();
    for (int i = 1; i <= 10; i++) {
      bus.publish(event("a", i));
    }
    List<Integer> takers = new CopyOnWriteArrayList<>();
    List<Thread> publishers = new ArrayList<>();
    for (int i = 11; i < 31; i++) {
      int number = i;
      publishers.add(new Thread(() -> takers.add(bus.publish(event("a", number)))));
    }
    publishers.forEach(Thread::start);
    await()
        .until(() -> publishers.stream()
            .allMatch(publisher -> publisher.getState() == Thread.State.TIMED_WAITING));
    Thread.currentThread().interrupt();
    subscription.close();
    assertThat(Thread.interrupted()).isTrue();
    await().atMost(Duration.ofSeconds(15)).until(() -> takers.size() == 20);
    assertThat(takers).containsOnly(0);
  }

  @Test
  @Drives("event_bus.event_batch_size")
  void aListenerIsCalledWithAsManyAsTheBatchHolds() throws InterruptedException {
    EventBus bus = bus("event_batch_size", 4);
    Held held = new Held();
    bus.subscribe("a", held);
    bus.publish(event("a", 0));
    held.taken.await();
    for (int i = 1; i <= 10; i++) {
      bus.publish(event("a", i));
    }
    held.open.countDown();
    awaitSize(held.got, 11);
    assertThat(held.sizes).containsExactly(1, 4, 4, 2);
  }

  @Test
  @Drives("event_bus.routing_key_strategy")
  void theRoutingSaysWhatTheKeyIsComparedWith() throws InterruptedException {
    Event booked = event("booked", 1).topic("trips.hotel.booked");
    assertThat(takers(bus(), booked, "booked", "trips.hotel.booked", "lost")).isEqualTo(1);
    assertThat(takers(bus("routing_key_strategy", "broadcast"), booked, "x", "y"))
        .isEqualTo(2);
    assertThat(takers(
            bus("routing_key_strategy", "topic_based"),
            booked,
            "trips.*",
            "trips.hotel.booked",
            "trips.hotel",
            "trip.*",
            "booked"))
        .isEqualTo(2);
    EventBus urgent = bus("routing_key_strategy", "priority_based");
    Held held = new Held();
    urgent.subscribe("a", held);
    urgent.publish(event("a", 0));
    held.taken.await();
    urgent.publish(event("a", 1));
    urgent.publish(event("a", 2).priority(5));
    urgent.publish(event("a", 3).priority(5));
    urgent.publish(event("a", 4).priority(9));
    urgent.publish(event("a", 5).priority(Integer.MIN_VALUE));
    urgent.publish(event("a", 6).priority(Integer.MAX_VALUE));
    held.open.countDown();
    awaitSize(held.got, 7);
    assertThat(numbers(held.got)).containsExactly(0, 6, 4, 2, 3, 1, 5);
  }

  private static int takers(EventBus bus, Event event, String... keys) {
    for (String key : keys) {
      bus.subscribe(key, events -> {});
    }
    return bus.publish(event);
  }

  @Test
  @SuppressWarnings("NullAway") // That is the point.
  void aListenerThatIsMissingIsNamed() {
    EventBus bus = bus();
    assertThatThrownBy(() -> bus.subscribe("a", null)).hasMessage("listener");
  }

  @Test
  void changesAreFollowedWithTheAttemptsOfTheContract() {
    String namespace = "bus-" + UUID.randomUUID();
    AtomicInteger calls = new AtomicInteger();
    List<Long> seen = new CopyOnWriteArrayList<>();
    EventBus bus = bus("max_retry_attempts", 1, "enable_dead_letter_queue", false);
    try (Subscription subscription =
        bus.changes("left", ChangeFilter.all().namespace(namespace), change -> {
          calls.incrementAndGet();
          if (change.version() == 1) {
            throw new IllegalStateException();
          }
          seen.add(change.version());
        })) {
      buses.holdfast.state(namespace, "s").set("k", json(1));
      buses.holdfast.state(namespace, "s").set("k", json(2));
      awaitSize(seen, 1);
      assertThat(calls).hasValue(3);
      assertThat(subscription.deadLetters()).isZero();
    }
    assertThat(buses.holdfast.changes().deadLetters("left", 10)).isEmpty();
    try (Subscription subscription = bus("max_retry_attempts", 1)
        .changes("kept", ChangeFilter.all().namespace(namespace), change -> {
          throw new IllegalStateException("password=hunter2");
        })) {
      await().until(() -> subscription.deadLetters() == 2);
      assertThat(subscription.failedAttempts()).isEqualTo(4);
    }
    assertThat(buses.holdfast.changes().deadLetters("kept", 10))
        .hasSize(2)
        .allMatch(letter -> letter.error().contains("password=[REDACTED]"));
  }

  @Test
  void whatAChangeHasUnderSensitiveNamesIsNotLoggedWhenItIsLeft() {
    String namespace = "bus-" + UUID.randomUUID();
    Logger logger = (Logger) LoggerFactory.getLogger(EventBus.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    buses.holdfast.state(namespace, "s").set("password", json("tr0ub4dor"));
    try (Subscription subscription = bus("max_retry_attempts", 0, "enable_dead_letter_queue", false)
        .changes("discreet", ChangeFilter.all().namespace(namespace), change -> {
          throw new IllegalStateException("cannot log in with tr0ub4dor");
        })) {
      await().until(() -> subscription.delivered() == 1);
    } finally {
      logger.detachAppender(lines);
    }
    assertThat(lines.list)
        .filteredOn(line -> line.getFormattedMessage().contains("leaves it"))
        .singleElement()
        .satisfies(line -> assertThat(line.getThrowableProxy().getMessage())
            .contains("cannot log in with")
            .doesNotContain("tr0ub4dor"));
  }

  @Test
  void aChangeThatFailsWithAnErrorIsLeftAsWell() {
    String namespace = "bus-" + UUID.randomUUID();
    List<Long> seen = new CopyOnWriteArrayList<>();
    EventBus bus = bus("max_retry_attempts", 1, "enable_dead_letter_queue", false);
    buses.holdfast.state(namespace, "s").set("k", json(1));
    buses.holdfast.state(namespace, "s").set("k", json(2));
    try (Subscription subscription =
        bus.changes("errors", ChangeFilter.all().namespace(namespace), change -> {
          if (change.version() == 1) {
            throw new NoClassDefFoundError("com/example/Missing");
          }
          seen.add(change.version());
        })) {
      awaitSize(seen, 1);
      assertThat(subscription.failedAttempts()).isEqualTo(1);
      assertThat(subscription.deadLetters()).isZero();
    }
  }
}
