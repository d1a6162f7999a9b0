package dev.holdfast.benchmarks.effects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.Settings;
import dev.holdfast.benchmarks.report.Report;
import dev.holdfast.benchmarks.report.ResultsFile;
import dev.holdfast.benchmarks.server.CommitFloor;
import dev.holdfast.benchmarks.server.Database;
import dev.holdfast.benchmarks.server.Usage;
import dev.holdfast.benchmarks.server.UsageMeter;
import dev.holdfast.benchmarks.writes.Schema;
import dev.holdfast.benchmarks.writes.Way;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Every contender does the whole workflow, on a real server, and one that does not is found out. */
@TestInstance(Lifecycle.PER_CLASS)
class EffectsSuiteTest {

  private static final int WORKFLOWS = 20;
  private static final int CONNECTIONS = 4;

  private Database database;
  private Schema schema;
  private List<Way<WorkflowStore>> ways;

  @BeforeAll
  void start(@TempDir Path folder) {
    database = Database.embedded(folder.resolve("data"));
    schema = Schema.create(database);
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    ResultsFile file = ResultsFile.create(folder.resolve("x.jsonl"), "x", Map.of());
    ways = EffectsSuite.ways(
        new Bench(
            database,
            new Settings(true, null, 1, "", null),
            new Report(nowhere, file),
            new CommitFloor(database, database.newSchema())),
        schema);
  }

  @AfterAll
  void stop() {
    database.close();
  }

  @Test
  void everyWayDoesAllWorkflows() throws Exception {
    for (Way<WorkflowStore> way : ways) {
      try (HikariDataSource pool = database.newPool(CONNECTIONS);
          WorkflowStore store = way.open().apply(pool, schema)) {
        run(store, 1, WORKFLOWS);
        long before = database.sql().number(store.written());
        run(store, 2, WORKFLOWS);
        assertThat(database.sql().number(store.written()) - before)
            .as(way.name())
            .isEqualTo(WORKFLOWS);
      }
    }
  }

  /** The requirement on flushes and round trips is exact, so it is held here as well as where throughput is measured. */
  @Test
  void holdfastNeedsFourFlushesAndFiveRoundTrips() throws Exception {
    Way<WorkflowStore> way = way(Way.HOLDFAST);
    try (HikariDataSource pool = database.newPool(CONNECTIONS);
        WorkflowStore store = way.open().apply(pool, schema)) {
      run(store, 3, 1);
      Usage usage = new UsageMeter(database.sql())
          .during(() -> {
            run(store, 4, WORKFLOWS);
            return true;
          })
          .usage();
      assertThat(usage.commits()).isLessThanOrEqualTo(4 * WORKFLOWS);
      assertThat(usage.roundTrips()).isBetween(3L * WORKFLOWS, 5L * WORKFLOWS);
    }
  }

  /** The control: a way that skips operations would win. */
  @Test
  void findsOutAWayThatSkipsAnOperation() {
    EffectsSuite.NewWorkflow task = new EffectsSuite.NewWorkflow();
    WorkflowStore skipping = new WorkflowStore() {
      @Override
      public String run(String id) {
        return WorkflowStore.answer(0) + WorkflowStore.answer(2);
      }

      @Override
      public String written() {
        return "SELECT 1";
      }
    };
    assertThatThrownBy(() -> task.write(skipping, 1, 1, 1, new Random(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("ac");
  }

  private Way<WorkflowStore> way(String name) {
    return ways.stream().filter(way -> way.name().equals(name)).findFirst().orElseThrow();
  }

  private static void run(WorkflowStore store, int run, int workflows) {
    EffectsSuite.NewWorkflow task = new EffectsSuite.NewWorkflow();
    try {
      for (int number = 0; number < workflows; number++) {
        task.write(store, run, 0, number, new Random(1));
      }
    } catch (Exception e) {
      throw new AssertionError("A workflow failed", e);
    }
  }
}
