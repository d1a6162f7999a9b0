package dev.holdfast.event;

import static dev.holdfast.store.json.Json.json;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Holdfast;
import dev.holdfast.contract.Contract;
import dev.holdfast.contract.EventBusContract;
import dev.holdfast.logging.Logs;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.json.JsonLimits;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** Buses with contracts of their own over one Holdfast, and what their listeners are made of. */
final class TestingBuses implements AutoCloseable {

  final Holdfast holdfast;
  final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final List<EventBus> opened = new ArrayList<>();

  TestingBuses(TestDatabase database) {
    holdfast = Holdfast.builder().dataSource(database.dataSource()).build();
  }

  @Override
  public void close() {
    opened.forEach(EventBus::close);
    holdfast.close();
  }

  EventBus bus(Object... fields) {
    return bus(Duration.ofSeconds(5), fields);
  }

  EventBus bus(Duration closePatience, Object... fields) {
    Map<String, Object> contract = new HashMap<>(Map.of("retry_delay_ms", 0));
    for (int i = 0; i < fields.length; i += 2) {
      contract.put((String) fields[i], fields[i + 1]);
    }
    EventBus bus = new EventBus(
        Contract.of(EventBusContract.class, contract),
        holdfast.changes(),
        Logs.standard(),
        Redactor.standard(),
        JsonLimits.DEFAULT,
        now::get,
        closePatience);
    opened.add(bus);
    return bus;
  }

  static Event event(String type, int number) {
    return Event.of(type, json(number));
  }

  static List<Integer> numbers(List<Event> events) {
    return events.stream().map(event -> event.payload().intValue()).toList();
  }

  static void awaitSize(List<?> list, int size) {
    await().atMost(Duration.ofSeconds(30)).until(() -> list.size() == size);
  }

  /** A listener that waits to be let go, with one event in its hands. */
  static final class Held implements EventListener {
    final CountDownLatch taken = new CountDownLatch(1);
    final CountDownLatch open = new CountDownLatch(1);
    final List<Event> got = new CopyOnWriteArrayList<>();
    final List<Integer> sizes = new CopyOnWriteArrayList<>();

    @Override
    public void onEvents(List<Event> events) throws InterruptedException {
      taken.countDown();
      open.await();
      sizes.add(events.size()); // first, since what it got is waited for
      got.addAll(events);
    }
  }
}
