package dev.holdfast.examples.airline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.examples.airline.TestingCommand.Outcome;
import dev.holdfast.testkit.ChildJvm;
import dev.holdfast.testkit.EffectTables;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is left when the process dies: nothing is lost and nothing doubled, wherever that was. */
@HoldfastTest
final class KilledReplayTest {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int MESSAGES = 72;
  private static final int SHARED_WRITES = 6;

  private final TestDatabase database;

  KilledReplayTest(TestDatabase database) {
    this.database = database;
  }

  @ParameterizedTest
  @CsvSource({
    "message, 1",
    "message, 17",
    "message, 60",
    "shared, 1",
    "shared, 3",
    "shared, 6",
    "called, 1",
    "called, 3",
    "called, 6"
  })
  void completesARunThatWasKilled(String point, int count) {
    String namespace = "killed-" + point + "-" + count;
    kill(namespace, point, count);
    EffectTables.expireLeases(database, "true");
    long before = marks(namespace);

    Outcome second = TestingCommand.run(database, "--namespace", namespace, "--json");

    assertThat(second.code()).as(second.err()).isZero();
    assertThat(second.number("/found/messages"))
        .isBetween(point.equals("message") ? count : 1L, MESSAGES - 1L);
    assertThat(second.number("/found/messages") + second.number("/written/messages"))
        .isEqualTo(MESSAGES);
    assertThat(before + second.number("/written/sharedWrites")).isEqualTo(SHARED_WRITES);
    assertThat(marks(namespace)).isEqualTo(SHARED_WRITES);
    assertThat(second.number("/calls/committed")).isEqualTo(SHARED_WRITES);
    assertThat(second.number("/audit/calls"))
        .isEqualTo(database.queryLong(
            "SELECT count(*) FROM reservation_service.call WHERE airline = '" + namespace + "'"));
  }

  @Test
  void diesBetweenTheReservationAndTheRun() {
    kill("between", "shared", 1);

    assertThat(database.queryLong("""
        SELECT count(*)
        FROM holdfast.change_summary AS c
        JOIN holdfast.state_summary AS run
          ON run.namespace = 'between.runs' AND run.name = split_part(c.key, ':', 2)
        WHERE c.namespace IN ('between.reservations', 'between.users') AND c.key LIKE 'applied:%'
          AND run.version = split_part(c.key, ':', 3)::int
        """))
        .as("calls whose write is there and whose message is not")
        .isPositive();
  }

  private void kill(String namespace, String point, int count) {
    try (ChildJvm child = ChildJvm.start(
        InterruptedReplay.class,
        database.jdbcUrl(),
        database.user(),
        database.password(),
        namespace,
        "4",
        point,
        String.valueOf(count))) {
      child.readLineMatching(InterruptedReplay.READY, LIMIT);
      child.kill();
    }
    // The server may still be busy with the last thing that the process asked for.
    await().atMost(LIMIT).until(() -> database.queryLong("""
            SELECT count(*)
            FROM pg_stat_activity
            WHERE datname = current_database() AND backend_type = 'client backend'
              AND pid <> pg_backend_pid() AND state <> 'idle'""") == 0);
  }

  private long marks(String namespace) {
    return database.queryLong("SELECT count(*) FROM holdfast.change_summary WHERE namespace LIKE '"
        + namespace + ".%' AND key LIKE 'applied:%'");
  }
}
