package dev.holdfast.benchmarks.writes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.Settings;
import dev.holdfast.benchmarks.history.Messages;
import dev.holdfast.benchmarks.load.Stop;
import dev.holdfast.benchmarks.report.Report;
import dev.holdfast.benchmarks.report.ResultsFile;
import dev.holdfast.benchmarks.server.CommitFloor;
import dev.holdfast.benchmarks.server.Database;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Every contender writes what it says, on a real server, and one that does not is found out. */
@TestInstance(Lifecycle.PER_CLASS)
class EntrantTest {

  private static final int THREADS = 4;
  private static final int WRITES = 15;
  private static final JsonNode MESSAGE = new Messages(1).next();

  private Database database;
  private Bench bench;
  private Schema schema;

  @BeforeAll
  void start(@TempDir Path folder) {
    database = Database.embedded(folder.resolve("data"));
    schema = Schema.create(database);
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    ResultsFile file = ResultsFile.create(folder.resolve("x.jsonl"), "x", Map.of());
    bench = new Bench(
        database,
        new Settings(true, null, 1, "", null),
        new Report(nowhere, file),
        new CommitFloor(database, database.newSchema()));
  }

  @AfterAll
  void stop() {
    database.close();
  }

  /** The commits are those of the whole server, so it must not work for itself meanwhile. */
  @Test
  void everyWaySetsKeys() {
    database.quietly(this::setKeys);
  }

  private void setKeys() {
    for (Way<WriteStore> way : Way.forKeys()) {
      Entrant.Result result = measured(
          way,
          (store, state, random) ->
              store.set(state, Values.key(random.nextInt(10)), Values.next(random)));
      assertThat(result.load().operations()).isEqualTo(THREADS * WRITES);
      assertThat(result.walBytes()).isGreaterThan(50);
      assertThat(result.commits()).isBetween(1.0 / THREADS, 1.0);
    }
  }

  @Test
  void everyWayUpdatesManyKeys() {
    for (Way<WriteStore> way : Way.forKeys()) {
      Entrant.Result result =
          measured(way, (store, state, random) -> store.update(state, Values.next(10, random)));
      assertThat(result.load().operations()).isEqualTo(THREADS * WRITES);
    }
  }

  @Test
  void everyWayWritesConversations() {
    for (Way<StepStore> way : Way.forConversations()) {
      Entrant.Result result = measured(
          way,
          (store, state, random) -> store.step(state, 1, MESSAGE, "phase-" + random.nextInt(7)));
      assertThat(result.load().operations()).isEqualTo(THREADS * WRITES);
      assertThat(result.walBytes()).isGreaterThan(500);
    }
  }

  /** The control: without the look into the database this contender would win. */
  @Test
  void findsOutAWayThatDoesNotWriteEverything() {
    Way<WriteStore> lossy =
        new Way<>("lossy", (pool, where) -> new TestingLossyStore(new Floor(pool, where)));
    assertThatThrownBy(() ->
            measured(lossy, (store, state, random) -> store.set(state, "key", Values.next(random))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("lossy");
  }

  private <S extends StepStore> Entrant.Result measured(Way<S> way, Write<S> write) {
    Stop stop = Stop.afterEach(WRITES);
    Load load = new Load(THREADS, THREADS, List.of(THREADS), stop, stop, stop);
    try (Entrant<S> entrant =
        new Entrant<>(bench, schema, way, load, new TestingTask<>(write), THREADS)) {
      return entrant.measure();
    }
  }

  @FunctionalInterface
  private interface Write<S> {
    void write(S store, String state, Random random) throws SQLException;
  }

  /** Each thread writes a state of its own. */
  private record TestingTask<S extends StepStore>(Write<S> write) implements Task<S> {

    @Override
    public Collection<String> states(int run) {
      return List.of(name(run, 0), name(run, 1), name(run, 2), name(run, 3));
    }

    private static String name(int run, int thread) {
      return "test-" + run + "-" + thread;
    }

    @Override
    public void write(S store, int run, int thread, long number, Random random)
        throws SQLException {
      write.write(store, name(run, thread), random);
    }
  }

  /** Returns from some writes without writing. */
  private record TestingLossyStore(Floor floor) implements WriteStore {

    @Override
    public void prepare(Collection<String> states) {}

    @Override
    public void set(String state, String key, JsonNode value) throws SQLException {
      if (value.get("count").asInt() % 10 != 0) {
        floor.set(state, key, value);
      }
    }

    @Override
    public void update(String state, Map<String, JsonNode> values) throws SQLException {
      floor.update(state, values);
    }

    @Override
    public void step(String state, long number, JsonNode message, String phase)
        throws SQLException {
      floor.step(state, number, message, phase);
    }

    @Override
    public String written() {
      return floor.written();
    }
  }
}
