package dev.holdfast.benchmarks.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.benchmarks.server.UsageMeter.Metered;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** What is counted is what was done, on a real server. */
@TestInstance(Lifecycle.PER_CLASS)
class UsageMeterTest {

  private static final int TIMES = 50;

  private Database database;
  private UsageMeter meter;

  @BeforeAll
  void start(@TempDir Path folder) {
    database = Database.embedded(folder.resolve("data"));
    meter = new UsageMeter(database.sql());
    database.sql().execute("CREATE TABLE thing (id integer PRIMARY KEY)");
  }

  @AfterAll
  void stop() {
    database.close();
  }

  @Test
  void countsARoundTripAndACommitForEveryInsert() {
    Usage usage = during("INSERT INTO thing SELECT coalesce(max(id), 0) + 1 FROM thing");
    assertThat(usage.roundTrips()).isEqualTo(TIMES);
    assertThat(usage.commits()).isEqualTo(TIMES);
    assertThat(usage.walBytes()).isBetween(TIMES * 100L, TIMES * 1_000L);
  }

  /** Right after a checkpoint the first change of each page is logged as a whole, and is told apart. */
  @Test
  void tellsImagesOfPagesFromTheRest() {
    meter.checkpoint();
    Usage usage = during("INSERT INTO thing SELECT coalesce(max(id), 0) + 1 FROM thing");
    assertThat(usage.imageBytes()).isGreaterThan(0);
    assertThat(usage.walBytes()).isBetween(TIMES * 100L, TIMES * 1_000L);
  }

  @Test
  void countsNoCommitForReads() {
    Usage usage = during("SELECT 1");
    assertThat(usage.roundTrips()).isEqualTo(TIMES);
    assertThat(usage.commits()).isZero();
  }

  @Test
  void countsOneCommitForWhatIsWrittenTogether() {
    Usage usage =
        during("BEGIN", "INSERT INTO thing SELECT coalesce(max(id), 0) + 1 FROM thing", "COMMIT");
    assertThat(usage.roundTrips()).isEqualTo(3L * TIMES);
    assertThat(usage.commits()).isEqualTo(TIMES);
  }

  @Test
  void asksTheServerForTheTimeOfAFlush() {
    OptionalDouble millis = new CommitFloor(database, database.newSchema()).fsyncMillis();
    assertThat(millis).isPresent();
    assertThat(millis.getAsDouble()).isBetween(0.001, 1_000.0);
  }

  private Usage during(String... statements) {
    try (HikariDataSource pool = database.newPool(1);
        Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      Metered<Boolean> metered = meter.during(() -> {
        for (int i = 0; i < TIMES; i++) {
          execute(statement, statements);
        }
        return true;
      });
      return metered.usage();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static void execute(Statement statement, String... statements) {
    try {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
