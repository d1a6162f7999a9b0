package dev.holdfast.examples.airline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.examples.airline.TestingCommand.Outcome;
import dev.holdfast.testkit.ChildJvm;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that replay the same file into one database at the same time. */
@HoldfastTest
final class TwoProcessesTest {

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int RUNS = 12;

  private final TestDatabase database;

  TwoProcessesTest(TestDatabase database) {
    this.database = database;
  }

  /** Both have seen an empty database before one of them writes, so that they are bound to meet. */
  @Test
  void noticeEachOtherAndDoubleNothing(@TempDir Path folder) throws IOException, SQLException {
    SyntheticRuns runs = new SyntheticRuns(Seed.next("two-processes"), RUNS);
    Path file = Files.writeString(folder.resolve("runs.json"), runs.json());
    try (Connection gate = database.dataSource().getConnection()) {
      call(gate, "pg_advisory_lock");
      meet(gate, file);
    }

    Outcome after = TestingCommand.run(database, "--runs", file.toString(), "--verify", "--json");

    assertThat(after.code()).as(after.err()).isZero();
    assertThat(after.number("/found/complete")).isEqualTo(RUNS);
    assertThat(after.number("/totals/messages")).isEqualTo(runs.messages());
  }

  private void meet(Connection gate, Path file) throws SQLException {
    try (ChildJvm one = start(file);
        ChildJvm other = start(file)) {
      one.readLineMatching(InterruptedReplay.READY, LIMIT);
      other.readLineMatching(InterruptedReplay.READY, LIMIT);
      call(gate, "pg_advisory_unlock");
      assertThat(conflicts(one) + conflicts(other)).isGreaterThanOrEqualTo(RUNS);
    }
  }

  private static void call(Connection gate, String function) throws SQLException {
    try (Statement statement = gate.createStatement()) {
      statement.execute("SELECT " + function + "(" + InterruptedReplay.GATE + ")");
    }
  }

  private ChildJvm start(Path file) {
    return ChildJvm.start(
        InterruptedReplay.class,
        database.jdbcUrl(),
        database.user(),
        database.password(),
        "airline",
        "4",
        "gate",
        "0",
        file.toString());
  }

  private static long conflicts(ChildJvm child) {
    String line = child.readLineMatching("^conflicts: ", LIMIT);
    assertThat(child.waitFor(LIMIT)).isZero();
    return Long.parseLong(line.substring("conflicts: ".length()));
  }
}
