package dev.holdfast.integration.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Holdfast;
import dev.holdfast.Telemetry;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.State;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.HistoryPage;
import dev.holdfast.store.json.Json;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A store that is closed while it is in use: every call either did its work and says so, or did nothing and says that. */
@HoldfastTest
@Tag("G1")
final class ClosingTest {

  private static final int THREADS = 16;
  private static final int WARM_UP = 20;

  private final TestDatabase database;

  ClosingTest(TestDatabase database) {
    this.database = database;
  }

  private Holdfast.Builder builder() {
    return Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.libraryUser(), database.libraryPassword());
  }

  @RepeatedTest(5)
  void everyCallEitherWroteOrSaysClosed(RepetitionInfo repetition) throws Exception {
    String name = "closing-" + repetition.getCurrentRepetition();
    Set<Long> returned = new ConcurrentSkipListSet<>();
    CountDownLatch warm = new CountDownLatch(THREADS * WARM_UP);
    Holdfast holdfast = builder().build();
    ExecutorService executor = Executors.newFixedThreadPool(THREADS);
    List<Future<?>> writers = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      State<JsonNode> state = holdfast.state("closing", name).by("writer-" + i);
      int kind = i % 3;
      writers.add(executor.submit(() -> writeUntilClosed(state, kind, returned, warm)));
    }
    assertThat(warm.await(60, TimeUnit.SECONDS)).isTrue();
    holdfast.close();
    for (Future<?> writer : writers) {
      writer.get(15, TimeUnit.SECONDS);
    }
    executor.shutdown();
    holdfast.close();

    assertThat(versions(name)).containsExactlyElementsOf(returned);
    assertNoConnectionIsLeft();
  }

  private static void writeUntilClosed(
      State<JsonNode> state, int kind, Set<Long> returned, CountDownLatch warm) {
    try {
      for (int i = 0; ; i++) {
        assertThat(returned.add(write(state, kind, i))).isTrue();
        warm.countDown();
      }
    } catch (HoldfastException e) {
      assertThat(e.code()).as(e.toString()).isEqualTo(ErrorCode.CLOSED);
    }
  }

  private static long write(State<JsonNode> state, int kind, int i) {
    return switch (kind) {
      case 0 -> state.set("set", Json.json(i));
      case 1 -> state.append("list", i);
      default -> state.update(Map.of("a", Json.json(i), "b", Json.json(i)));
    };
  }

  private List<Long> versions(String name) {
    Set<Long> versions = new TreeSet<>();
    try (Holdfast holdfast = builder().build()) {
      State<JsonNode> state = holdfast.state("closing", name);
      Optional<History> next = Optional.of(History.all().limit(10_000));
      while (next.isPresent()) {
        HistoryPage<JsonNode> page = state.history(next.get());
        page.forEach(change -> versions.add(change.version()));
        next = page.next();
      }
    }
    return List.copyOf(versions);
  }

  private void assertNoConnectionIsLeft() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(database.queryStrings("""
            SELECT pid, state, query FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'holdfast'""")).isEmpty());
  }

  @Test
  void aClosedStoreRefusesEverything() {
    Holdfast holdfast = builder().build();
    State<JsonNode> state = holdfast.state("closing", "refused");
    holdfast.close();
    List<Runnable> calls = List.of(
        () -> state.get("k"),
        state::snapshot,
        state::history,
        () -> state.set("k", null),
        () -> state.append("k", 1),
        () -> state.compute("k", value -> value),
        () -> state.rollback(0),
        state::clear,
        () -> holdfast.states("closing", "", 1));
    assertThat(calls)
        .allSatisfy(call -> assertThatThrownBy(call::run)
            .isInstanceOfSatisfying(
                HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED)));
  }

  @Test
  void manyCanCloseAtOnce() {
    Holdfast holdfast = builder().build();
    CompletableFuture<?>[] closings = new CompletableFuture<?>[8];
    for (int i = 0; i < closings.length; i++) {
      closings[i] = CompletableFuture.runAsync(holdfast::close);
    }
    CompletableFuture.allOf(closings).join();
    assertNoConnectionIsLeft();
  }

  /** The meters are removed before the pool is closed. */
  @Test
  void whatComesAfterAPartThatCannotBeClosedIsClosed() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    Holdfast holdfast = builder().telemetry(Telemetry.to(registry)).build();
    int meters = registry.getMeters().size();
    AssertionError failure = new AssertionError("not removed");
    AtomicInteger refused = new AtomicInteger();
    registry.config().onMeterRemoved(meter -> {
      if (meter instanceof FunctionCounter && refused.incrementAndGet() == 2) {
        throw failure;
      }
    });
    assertThat(meters).isGreaterThan(10);
    assertThatThrownBy(holdfast::close).isSameAs(failure);
    assertNoConnectionIsLeft();
    assertThat(registry.getMeters()).isEmpty();
    holdfast.close();
  }

  /** Half a pool would be left otherwise. */
  @Test
  void anInterruptDoesNotKeepAnythingOpen() {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    Holdfast holdfast = builder().build();
    holdfast.state("closing", "interrupted").set("k", null);
    Thread.currentThread().interrupt();
    holdfast.close();
    assertThat(Thread.interrupted()).as("the interrupt is handed back").isTrue();
    assertNoConnectionIsLeft();
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("holdfast"))
                .filter(thread -> !before.contains(thread)))
            .isEmpty());
  }

  /** The write waits for a lock longer than closing waits for the write: it must not claim that nothing will be written. */
  @Test
  void aCallThatOutlastsThePatienceDoesNotLie() throws Exception {
    Holdfast holdfast = builder().closePatience(Duration.ofMillis(500)).build();
    State<JsonNode> state = holdfast.state("closing", "stuck");
    state.set("k", Json.json("before"));
    CompletableFuture<Long> stuck;
    try (Connection lock = database.dataSource().getConnection();
        Statement statement = lock.createStatement()) {
      lock.setAutoCommit(false);
      statement.execute("SELECT * FROM holdfast.state WHERE name = 'stuck' FOR UPDATE");
      stuck = CompletableFuture.supplyAsync(() -> state.set("k", Json.json("after")));
      Awaitility.await()
          .until(() -> database.queryLong(
                  "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
              == 1);
      holdfast.close();
      assertThatThrownBy(() -> stuck.get(20, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(HoldfastException.class);
      lock.rollback();
    }
    assertNoConnectionIsLeft();
    HoldfastException failure =
        (HoldfastException) stuck.handle((v, e) -> e.getCause()).get();
    boolean admitsDoubt = failure.code() == ErrorCode.AMBIGUOUS_COMMIT;
    assertThat(admitsDoubt || versions("stuck").size() == 1)
        .as("%s, and the versions are %s", failure, versions("stuck"))
        .isTrue();
  }
}
