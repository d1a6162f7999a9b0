package dev.holdfast.event;

import static dev.holdfast.event.TestingBuses.awaitSize;
import static dev.holdfast.event.TestingBuses.event;
import static dev.holdfast.event.TestingBuses.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.event.TestingBuses.Held;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What a listener does that fails, is interrupted, or is closed. */
@HoldfastTest
@Timeout(600)
class EventListenerTest {

  private final TestingBuses buses;

  EventListenerTest(TestDatabase database) {
    buses = new TestingBuses(database);
  }

  @AfterEach
  void close() {
    buses.close();
  }

  private EventBus bus(Object... fields) {
    return buses.bus(fields);
  }

  private EventBus bus(Duration closePatience, Object... fields) {
    return buses.bus(closePatience, fields);
  }

  @Test
  void anErrorOfAListenerIsAFailedAttempt() {
    EventBus bus = bus("max_retry_attempts", 1, "event_batch_size", 1);
    List<Event> got = new CopyOnWriteArrayList<>();
    bus.subscribe("a", events -> {
      if (events.get(0).payload().intValue() == 1) {
        throw new NoClassDefFoundError("com/example/Missing");
      }
      got.addAll(events);
    });
    for (int i = 0; i < 3; i++) {
      bus.publish(event("a", i));
    }
    awaitSize(got, 2);
    assertThat(numbers(got)).containsExactly(0, 2);
    assertThat(bus.undelivered())
        .singleElement()
        .satisfies(left -> assertThat(left.reason()).contains("NoClassDefFoundError"));
    await()
        .untilAsserted(() -> assertThat(bus.metrics()).isEqualTo(new EventBusMetrics(3, 2, 2, 1)));
  }

  @Test
  void aFailureThatCannotSayWhatItIsDoesNotEndTheListener() {
    EventBus bus = bus("max_retry_attempts", 0);
    List<Event> got = new CopyOnWriteArrayList<>();
    bus.subscribe("a", events -> {
      if (numbers(events).contains(1)) {
        throw new IllegalStateException() {
          private static final long serialVersionUID = 1L;

          @Override
          public String getMessage() {
            throw new UnsupportedOperationException("says nothing");
          }
        };
      }
      got.addAll(events);
    });
    bus.publish(event("a", 1));
    bus.publish(event("a", 2));
    awaitSize(got, 1);
    assertThat(bus.undelivered()).hasSize(1);
    assertThat(bus.metrics().undelivered()).isEqualTo(1);
  }

  /** The log asks for it. */
  @Test
  void aFailureThatCannotSayWhereItWasDoesNotEndTheListener() {
    EventBus bus = bus("max_retry_attempts", 0, "event_batch_size", 1);
    bus.subscribe("a", events -> {
      throw new IllegalStateException() {
        private static final long serialVersionUID = 1L;

        @Override
        public StackTraceElement[] getStackTrace() {
          throw new UnsupportedOperationException("was nowhere");
        }
      };
    });
    bus.publish(event("a", 1));
    bus.publish(event("a", 2));
    await().atMost(Duration.ofSeconds(30)).until(() -> bus.undelivered().size() == 2);
  }

  /** Nobody has looked how deep it is, and looking for its secrets takes a piece of the stack for each level. */
  @Test
  void aPayloadThatWasNotValidatedDoesNotEndTheListener() {
    EventBus bus =
        bus("max_retry_attempts", 0, "event_batch_size", 1, "enable_event_validation", false);
    bus.subscribe("a", events -> {
      throw new IllegalStateException("is not shown with what it may quote");
    });
    ArrayNode deep = JsonNodeFactory.instance.arrayNode();
    for (int level = 0; level < 200_000; level++) {
      deep = JsonNodeFactory.instance.arrayNode().add(deep);
    }
    bus.publish(Event.of("a", deep));
    bus.publish(event("a", 2));
    await().atMost(Duration.ofSeconds(30)).until(() -> bus.undelivered().size() == 2);
    assertThat(bus.undelivered().get(0).reason()).isEqualTo("java.lang.IllegalStateException");
  }

  /** Its thread is interrupted by closing the bus only. */
  @Test
  void anInterruptedListenerIsTriedAgain() {
    EventBus bus = bus("max_retry_attempts", 1, "event_batch_size", 1);
    List<Event> got = new CopyOnWriteArrayList<>();
    AtomicInteger calls = new AtomicInteger();
    bus.subscribe("a", events -> {
      if (calls.getAndIncrement() == 0) {
        throw new InterruptedException();
      }
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      Thread.currentThread().interrupt();
      got.addAll(events);
    });
    for (int i = 0; i < 3; i++) {
      bus.publish(event("a", i));
    }
    awaitSize(got, 3);
    assertThat(numbers(got)).containsExactly(0, 1, 2);
    await()
        .untilAsserted(() -> assertThat(bus.metrics()).isEqualTo(new EventBusMetrics(3, 3, 1, 0)));
  }

  /** Who closes is interrupted, and so waits for nothing. */
  @Test
  void whatIsInHandWhenClosingEndsTheListenerIsUndelivered() throws InterruptedException {
    EventBus bus = bus("event_batch_size", 2);
    Held held = new Held();
    EventSubscription subscription = bus.subscribe("a", held);
    bus.publish(event("a", 0));
    held.taken.await();
    bus.publish(event("a", 1));
    Thread.currentThread().interrupt();
    subscription.close();
    assertThat(Thread.interrupted()).isTrue();
    await().until(() -> bus.undelivered().size() == 2);
    assertThat(bus.undelivered())
        .extracting(left -> left.event().payload().intValue())
        .containsExactlyInAnyOrder(0, 1);
    assertThat(held.got).isEmpty();
  }

  @Test
  void closingHandsOverWhatWaits() {
    EventBus bus = bus(Duration.ofMinutes(5));
    List<Event> got = new CopyOnWriteArrayList<>();
    bus.subscribe("a", events -> {
      Thread.sleep(2);
      got.addAll(events);
    });
    for (int i = 0; i < 50; i++) {
      bus.publish(event("a", i));
    }
    bus.close();
    assertThat(got).hasSize(50);
    assertThat(bus.metrics().delivered()).isEqualTo(50);
    assertThatThrownBy(() -> bus.publish(event("a", 1))).hasMessageContaining("closed");
  }

  /** Nobody else ends its wait for an event. */
  @Test
  void closingWakesAListenerThatHasNothingToDo() {
    for (int i = 0; i < 20; i++) {
      EventBus bus = bus(Duration.ofMinutes(2));
      List<Event> got = new CopyOnWriteArrayList<>();
      EventSubscription subscription = bus.subscribe("a", got::addAll);
      bus.publish(event("a", i));
      awaitSize(got, 1);
      assertTimeout(Duration.ofMinutes(1), subscription::close);
    }
  }

  /** It would end a wait of the listener, who is still to be let finish. */
  @Test
  void closingInterruptsNoListenerThatHasTimeLeft() {
    for (int i = 0; i < 200; i++) {
      EventBus bus = bus(Duration.ofMinutes(5), "max_retry_attempts", 0);
      List<Event> got = new CopyOnWriteArrayList<>();
      EventSubscription subscription = bus.subscribe("a", events -> {
        Thread.sleep(1);
        got.addAll(events);
      });
      bus.publish(event("a", i));
      subscription.close();
      assertThat(got).hasSize(1);
      assertThat(bus.undelivered()).isEmpty();
    }
  }

  /** One after the other they would take a minute. */
  @Test
  void closingWaitsForAllListenersTogether() throws InterruptedException {
    EventBus bus = bus("max_retry_attempts", 0);
    List<Held> hanging = Stream.generate(Held::new).limit(12).toList();
    hanging.forEach(held -> bus.subscribe("a", held));
    bus.publish(event("a", 1));
    for (Held held : hanging) {
      held.taken.await();
    }
    assertTimeout(Duration.ofSeconds(30), bus::close);
    // All of them are interrupted in the end.
    await().atMost(Duration.ofSeconds(30)).until(() -> bus.metrics().undelivered() == 12);
  }

  /** Whoever listens from then on would have a thread for ever, and never get anything. */
  @Test
  void whoListensWhileTheBusIsClosedIsClosedToo() throws Exception {
    for (int i = 0; i < 2_000; i++) {
      EventBus bus = bus();
      CyclicBarrier together = new CyclicBarrier(2);
      Thread listener = new Thread(() -> {
        try {
          together.await();
          bus.subscribe("late", events -> {});
        } catch (InterruptedException | BrokenBarrierException | HoldfastException e) {
          // It was closed before.
        }
      });
      listener.start();
      together.await();
      bus.close();
      listener.join();
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().equals("holdfast-event-late")));
  }

  @Test
  void whoClosesWhileOthersPublishLosesNothingSilently() throws Exception {
    EventBus bus = bus("event_buffer_size", 10_000);
    AtomicInteger taken = new AtomicInteger();
    EventSubscription subscription = bus.subscribe("a", events -> {});
    CountDownLatch under = new CountDownLatch(2_000);
    List<Thread> publishers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      publishers.add(new Thread(() -> {
        for (int number = 0; number < 2_000; number++) {
          taken.addAndGet(bus.publish(event("a", number)));
          under.countDown();
        }
      }));
    }
    publishers.forEach(Thread::start);
    under.await();
    subscription.close();
    for (Thread publisher : publishers) {
      publisher.join();
    }
    System.out.println("published while closing: " + bus.metrics() + ", taken: " + taken);
    assertThat(taken.get()).isGreaterThanOrEqualTo(1_000);
    await().untilAsserted(() -> {
      EventBusMetrics metrics = bus.metrics();
      assertThat(metrics.delivered() + metrics.undelivered()).isEqualTo(taken.get());
    });
  }
}
