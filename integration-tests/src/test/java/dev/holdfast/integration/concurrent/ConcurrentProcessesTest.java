package dev.holdfast.integration.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Holdfast;
import dev.holdfast.store.State;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.HistoryPage;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The writes of one state form one order without gaps, whoever makes them: several processes with several threads each. */
@HoldfastTest
@Tag("G2")
final class ConcurrentProcessesTest {

  private static final int PROCESSES = 4;
  private static final int THREADS = 8;

  private final TestDatabase database;

  ConcurrentProcessesTest(TestDatabase database) {
    this.database = database;
  }

  private Holdfast open() {
    return Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.libraryUser(), database.libraryPassword())
        .build();
  }

  @Test
  void computeLosesNoUpdate() throws SQLException {
    int expected = PROCESSES * THREADS * 500;

    Race.Result result = new Race(Job.COMPUTE, "counter", PROCESSES, THREADS, 500).run(database);

    System.out.printf(
        "%,d increments of one key by %d processes with %d threads each: %.1f s, %,d conflicts%n",
        expected, PROCESSES, THREADS, result.time().toMillis() / 1000.0, result.conflicts());
    try (Holdfast holdfast = open()) {
      State<Integer> counter = holdfast.state(Job.NAMESPACE, "counter", Integer.class);
      assertThat(counter.version()).isEqualTo(expected);
      assertThat(counter.getRequired("n")).isEqualTo(expected);
      assertThat(linkedChanges(counter)).isEqualTo(expected);
    }
  }

  /** Pages through all of history; every change must be the next version and start from the value that the one before left. */
  private static long linkedChanges(State<Integer> counter) {
    long version = counter.version();
    Optional<History> next = Optional.of(History.all().limit(1000));
    long count = 0;
    while (next.isPresent()) {
      HistoryPage<Integer> page = counter.history(next.get());
      for (Change<Integer> change : page) {
        assertThat(change.version()).isEqualTo(version);
        assertThat(change.newValue()).contains((int) version);
        assertThat(change.oldValue().orElse(0)).isEqualTo((int) version - 1);
        version--;
        count++;
      }
      next = page.next();
    }
    return count;
  }

  /** The control: reading and then writing loses increments, so the test above could have noticed. */
  @Test
  void getThenSetLosesUpdates() throws SQLException {
    boolean lost = false;
    for (int attempt = 1; !lost && attempt <= 5; attempt++) {
      String state = "careless-" + attempt;
      int times = 20 << attempt;
      new Race(Job.GET_THEN_SET, state, 2, 4, times).run(database);
      try (Holdfast holdfast = open()) {
        lost =
            holdfast.state(Job.NAMESPACE, state, Integer.class).get("n").orElseThrow() < 8 * times;
      }
    }
    assertThat(lost).isTrue();
  }

  @Test
  void appendsArriveOnceAndInTheOrderOfEachThread() throws SQLException {
    int times = 150;
    new Race(Job.APPEND, "list", PROCESSES, 2, times).run(database);

    try (Holdfast holdfast = open()) {
      State<JsonNode> state = holdfast.state(Job.NAMESPACE, "list");
      JsonNode list = state.get("list").orElseThrow();
      assertThat(list).hasSize(PROCESSES * 2 * times);
      assertThat(state.version()).isEqualTo(PROCESSES * 2L * times);
      Map<Integer, Integer> next = new HashMap<>();
      for (JsonNode element : list) {
        int worker = element.get("worker").intValue();
        assertThat(element.get("i").intValue()).isEqualTo(next.getOrDefault(worker, 0));
        next.merge(worker, 1, Integer::sum);
      }
      assertThat(next)
          .hasSize(PROCESSES * 2)
          .allSatisfy((worker, count) -> assertThat(count).isEqualTo(times));
    }
  }

  /** Messages of two processes carry the same states in opposite orders; none waits for another, see GroupLocksTest for the control. */
  @Test
  void oppositeOrdersDoNotDeadlock() throws SQLException {
    int times = 60;
    long deadlocks = deadlocks();
    new Race(Job.OPPOSITE, "opposite", PROCESSES, Job.OPPOSITE_THREADS, times).run(database);

    long versions = (long) PROCESSES * Job.OPPOSITE_THREADS * times;
    try (Holdfast holdfast = open()) {
      for (int i = 0; i < Job.OPPOSITE_STATES; i++) {
        State<Integer> state = holdfast.state(Job.NAMESPACE, "opposite-" + i, Integer.class);
        assertThat(state.version()).isEqualTo(versions);
        assertThat(state.snapshot().asMap().values()).containsOnly(times - 1);
      }
    }
    assertThat(deadlocks()).isEqualTo(deadlocks);
    long messages = database.queryLong("""
        SELECT count(DISTINCT xid::text)
        FROM holdfast.change_summary
        WHERE namespace = 'processes' AND name LIKE 'opposite-%'""");
    System.out.printf(
        "%,d writes in opposite orders by %d processes: %,d messages%n",
        Job.OPPOSITE_STATES * versions, PROCESSES, messages);
    assertThat(messages).as("writes share messages").isLessThan(Job.OPPOSITE_STATES * versions / 2);
  }

  private long deadlocks() {
    return database.queryLong(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
  }

  /** Eight threads write first to 50 states: two set, two append, two put if absent, of which one succeeds, and two compute. */
  @Test
  void manyCanBeTheFirstToWrite() throws SQLException {
    new Race(Job.CREATE, "new", PROCESSES, 2, 50).run(database);

    try (Holdfast holdfast = open()) {
      for (int i = 0; i < 50; i++) {
        State<JsonNode> state = holdfast.state(Job.NAMESPACE, "new-" + i);
        assertThat(state.version()).isEqualTo(7);
        assertThat(state.history().changes())
            .extracting(Change::version)
            .containsExactly(7L, 6L, 5L, 4L, 3L, 2L, 1L);
        assertThat(state.keys()).containsExactly("list", "n", "once", "set-0", "set-4");
        assertThat(state.get("n").orElseThrow().intValue()).isEqualTo(2);
        assertThat(state.get("list").orElseThrow()).hasSize(2);
      }
    }
  }
}
