package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.retention.Retention;
import dev.holdfast.store.retention.RetentionPlan;
import dev.holdfast.store.retention.RetentionPolicy;
import dev.holdfast.store.retention.RetentionReport;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Retention of a long state while 8 writers go on: nobody fails, nobody waits longer than is promised, what was counted is what is removed, and
 * every kept version reads as before. {@code -Dholdfast.retention.changes=1000000} for the long one.
 */
@HoldfastTest
@Tag("G6")
final class RetentionUnderLoadTest {

  private static final long CHANGES = Long.getLong("holdfast.retention.changes", 20_000);
  private static final int KEYS = 50;
  private static final int WRITERS = 8;
  private static final long KEPT = 500;

  /** What a writer may wait beyond what it waits anyway. */
  private static final Duration BOUND = Duration.ofSeconds(1);

  /** A busy machine holds up one of thousands of writes now and then; a lock that is held for too long is there each time. */
  private static final int RUNS = 3;

  private final TestDatabase database;

  @AutoClose
  private final TestingStore store;

  private final Retention retention;

  RetentionUnderLoadTest(TestDatabase database) {
    this.database = database;
    this.store = TestingStore.on(database);
    this.retention = Retention.on(database.dataSource(), database.schema()).grace(Duration.ZERO);
  }

  /** Values and lists with a delta at nine of ten versions, written as the library writes them, only faster. */
  private void fill(State<JsonNode> state) {
    state.set("first", json(1));
    database.execute("""
        INSERT INTO holdfast.change
          (state_id, key, version, operation, changed_at, transaction_id, form, base_version, delta_count, payload)
        SELECT s.state_id, 'key-' || v %% %2$d, v, 'append',
          s.changed_at + v * interval '1 microsecond', gen_random_uuid(),
          CASE WHEN n = 0 THEN 'value' ELSE 'append' END,
          CASE WHEN n > 0 THEN v - n * %2$d END, CASE WHEN n > 0 THEN n END, json_build_array(v)
        FROM holdfast.state AS s
        CROSS JOIN generate_series(2, %1$d) AS v
        CROSS JOIN LATERAL (SELECT ((v - 2) / %2$d) %% 10) AS d (n)
        WHERE s.state_id = '%3$s';
        UPDATE holdfast.state
        SET version = %1$d, changed_at = changed_at + %1$d * interval '1 microsecond'
        WHERE state_id = '%3$s';
        ANALYZE""".formatted(CHANGES, KEYS, state.id().uuid()));
  }

  @Test
  void nobodyFailsOrWaits() throws Exception {
    List<Duration> longest = new ArrayList<>();
    do {
      longest.add(longestDuringRetention(store.state()));
    } while (longest.size() < RUNS && longest.stream().noneMatch(RetentionUnderLoadTest::isShort));
    assertThat(longest).anyMatch(RetentionUnderLoadTest::isShort);
  }

  private static boolean isShort(Duration wait) {
    return wait.compareTo(BOUND) < 0;
  }

  private Duration longestDuringRetention(State<JsonNode> state) throws Exception {
    fill(state);
    long early = CHANGES / 3;
    state.tag("early", early);
    Map<Long, JsonNode> before = new HashMap<>();
    for (long version = CHANGES - KEPT; version <= CHANGES; version += 50) {
      before.put(version, state.at(version).toJson());
    }
    before.put(early, state.at(early).toJson());
    RetentionPlan plan = retention.plan(RetentionPolicy.keepVersions(KEPT), state.id());

    Load load = new Load(state);
    load.start();
    load.awaitWrites(200);
    long began = load.writes.get();
    RetentionReport report = retention.batchSize(500).run(plan);
    load.awaitWrites(200);
    long during = load.writes.get() - began;
    load.stop();

    System.out.printf(
        "retention of %,d changes: %,d removed, %,d folded, %,d writes meanwhile, longest %d ms%n",
        CHANGES, report.removed(), report.folded(), during, load.longest.get() / 1_000_000);
    assertThat(report.states()).as("as counted").isEqualTo(plan.states());
    assertThat(report.removed()).isGreaterThan(CHANGES - KEPT - 20L * KEYS);
    assertThat(during).as("writes while retention went on").isGreaterThan(100);
    before.forEach((version, content) ->
        assertThat(state.at(version).toJson()).as("version %s", version).isEqualTo(content));
    assertThat(state.at("early").version()).isEqualTo(early);
    assertThat(state.version()).isEqualTo(CHANGES + load.writes.get());
    return Duration.ofNanos(load.longest.get());
  }

  /** The control: who removes under the lock of the state's row, in one piece, is found out in every run. */
  @Test
  void aRemovalUnderTheLockIsFoundOut() throws Exception {
    for (int run = 1; run <= RUNS; run++) {
      assertThat(longestDuringRemovalUnderTheLock(store.state())).isGreaterThan(BOUND);
    }
  }

  private Duration longestDuringRemovalUnderTheLock(State<JsonNode> state) throws Exception {
    for (int i = 0; i < 10; i++) {
      state.set("first", json(i));
    }
    Load load = new Load(state);
    load.start();
    load.awaitWrites(100);
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(
          "SELECT 1 FROM holdfast.state WHERE state_id = '" + state.id().uuid() + "' FOR UPDATE");
      // What takes a removal of a million rows.
      statement.execute("SELECT pg_sleep(1.5)");
      connection.commit();
    }
    load.stop();
    return Duration.ofNanos(load.longest.get());
  }

  /** Writers that append, set, patch and roll back, each on keys of the state. */
  private static final class Load {

    private final State<JsonNode> state;
    private final ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
    private final List<Future<?>> running = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicLong writes = new AtomicLong();
    private final AtomicLong longest = new AtomicLong();

    Load(State<JsonNode> state) {
      this.state = state;
    }

    void start() {
      for (int i = 0; i < WRITERS; i++) {
        int writer = i;
        running.add(threads.submit(() -> write(writer)));
      }
    }

    private boolean write(int writer) {
      for (int n = 0; !stopped.get(); n++) {
        long begin = System.nanoTime();
        writeOne(writer, n);
        longest.accumulateAndGet(System.nanoTime() - begin, Math::max);
        writes.incrementAndGet();
      }
      return true;
    }

    private void writeOne(int writer, int n) {
      switch (n % 8) {
        case 0 -> state.set("own-" + writer, json("value"));
        case 1 -> state.rollback(state.version() - 3);
        default -> state.append("key-" + (writer + n * WRITERS) % KEYS, writer);
      }
    }

    void awaitWrites(long more) {
      long goal = writes.get() + more;
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> writes.get() >= goal);
    }

    void stop() throws Exception {
      stopped.set(true);
      for (Future<?> one : running) {
        one.get(60, TimeUnit.SECONDS);
      }
      threads.shutdown();
    }
  }
}
