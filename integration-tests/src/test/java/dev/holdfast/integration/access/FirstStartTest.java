package dev.holdfast.integration.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.holdfast.migrations.Migrations;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A first migration may be interrupted, and processes may start beside it, and others may have schemas of names like ours. */
@HoldfastTest
@Timeout(120)
final class FirstStartTest {

  private static final String FIRST_TABLE = "holdfast.state";

  private final TestDatabase database;

  FirstStartTest(TestDatabase database) {
    this.database = database;
  }

  private static Migrations migrations(TestDatabase other) {
    return Migrations.of(other.dataSource(), other.schema());
  }

  /** What is left of a migration that ended after one of its files, each of which is committed by itself. */
  private static void interruptAfter(String version, TestDatabase other) {
    Flyway.configure(Migrations.class.getClassLoader())
        .dataSource(other.dataSource())
        .schemas(other.schema().value())
        .defaultSchema(other.schema().value())
        .table("holdfast_schema_history")
        .locations("classpath:dev/holdfast/migrations/sql")
        .placeholders(Map.of("schema", other.schema().value()))
        .repeatableSqlMigrationPrefix("none")
        .target(version)
        .load()
        .migrate();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "2", "4", "5", "6"})
  void anInterruptedFirstMigrationGoesOn(String version) {
    TestDatabase other = database.freshDatabase();
    interruptAfter(version, other);
    assertThat(migrations(other).migrate()).isPositive();
    assertThatCode(() -> migrations(other).validate()).doesNotThrowAnyException();
  }

  @Test
  void processesThatStartTogetherAllStart() throws Exception {
    TestDatabase other = database.freshDatabase();
    int processes = 4;
    CyclicBarrier together = new CyclicBarrier(processes);
    ExecutorService threads = Executors.newFixedThreadPool(processes);
    try {
      List<Future<Integer>> starts = new ArrayList<>();
      for (int i = 0; i < processes; i++) {
        starts.add(threads.submit(() -> {
          together.await(30, TimeUnit.SECONDS);
          return migrations(other).migrate();
        }));
      }
      int applied = 0;
      for (Future<Integer> start : starts) {
        applied += start.get();
      }
      // They take turns, file by file, so any of them may have applied some.
      assertThat(applied).isPositive();
      assertThatCode(() -> migrations(other).validate()).doesNotThrowAnyException();
    } finally {
      threads.shutdownNow();
    }
  }

  /** The second looks at the schema when the first has made some of its tables. */
  @Test
  void aStartBesideAFirstMigrationSucceeds() throws Exception {
    TestDatabase other = database.freshDatabase();
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      Migrations second = migrations(other);
      Future<Integer> first = threads.submit(() -> migrations(other).migrate());
      while (!first.isDone()
          && other.queryLong("SELECT count(to_regclass('" + FIRST_TABLE + "'))") == 0) {
        Thread.onSpinWait();
      }
      assertThat(second.migrate() + first.get()).isPositive();
      assertThatCode(() -> migrations(other).validate()).doesNotThrowAnyException();
    } finally {
      threads.shutdownNow();
    }
  }

  /** In a pattern of LIKE, which the driver makes of names, an underscore stands for any character. */
  @ParameterizedTest
  @ValueSource(strings = {"agent_prod", "agent__rod", "agent_pro_"})
  void aSchemaOfASimilarNameIsNobodysBusiness(String name) {
    TestDatabase other = database.freshDatabase();
    other.execute("CREATE SCHEMA agent1prod; CREATE TABLE agent1prod.state (id integer)");
    assertThat(Migrations.of(other.dataSource(), new SchemaName(name)).migrate())
        .isPositive();
  }
}
