package dev.holdfast.effect.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.crash.Traveller.Sabotage;
import dev.holdfast.store.StateStore;
import dev.holdfast.testkit.ChildJvm;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A process that sleeps past its lease and wakes up writes nothing: another one has decided by then. */
@HoldfastTest
@Tag("G10")
final class PausedProcessTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final TestDatabase database;

  PausedProcessTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeAll
  static void open(TestDatabase database) {
    database.execute(Agency.TABLES);
  }

  @Test
  void itsWritesAreRefused() throws Exception {
    Outcome outcome = pause("paused", Sabotage.NONE);

    assertThat(outcome.said()).isEqualTo("result STALE_LEASE");
    assertThat(outcome.after()).isEqualTo(outcome.before());
    assertThat(outcome.before()).containsExactly("rolled_back", "flight compensated");
    assertThat(calls("paused"))
        .as("its call carried the old epoch")
        .containsExactly("book flight 1", "look flight 2", "cancel flight 2");
    assertThat(database.queryLong("SELECT count(*) FROM holdfast.state WHERE name = 'paused'"))
        .isZero();
  }

  /** The control: without the check of the epoch it writes into what has ended. */
  @Test
  void withoutTheFenceItWritesAndTheCheckNotices() throws Exception {
    Outcome outcome = pause("control", Sabotage.WITHOUT_FENCE);
    assertThat(outcome.after()).isNotEqualTo(outcome.before());
  }

  private record Outcome(String said, List<String> before, List<String> after) {}

  /** The process is stopped when it has booked, and goes on when it is too late. */
  private Outcome pause(String id, Sabotage sabotage) throws Exception {
    try (StateStore store = StateStore.builder(database.dataSource()).build();
        Effects effects =
            Effects.builder(store, database.dataSource()).withoutRecovery().build();
        ChildJvm child = startAndStop(id, sabotage)) {
      new Agency(database.dataSource(), point -> {}).register(effects);
      recover(effects);
      List<String> before = journal(id);
      signal(child, "CONT");
      String said = child.readLineMatching("^result", LIMIT);
      child.waitFor(LIMIT);
      return new Outcome(said, before, journal(id));
    }
  }

  /** A lock on the table of bookings holds the process in its call until it is stopped. */
  private ChildJvm startAndStop(String id, Sabotage sabotage) throws Exception {
    try (var connection = database.dataSource().getConnection();
        var statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE booking IN ACCESS EXCLUSIVE MODE");
      ChildJvm child = ChildJvm.start(
          Traveller.class,
          database.jdbcUrl(),
          database.libraryUser(),
          database.libraryPassword(),
          id,
          "false",
          "0",
          sabotage.name(),
          "1000",
          "false");
      try {
        awaitBooking();
        signal(child, "STOP");
      } catch (Throwable e) {
        child.close();
        throw e;
      }
      connection.rollback();
      return child;
    }
  }

  private static void recover(Effects effects) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    int recovered = 0;
    while (recovered == 0 && System.nanoTime() < deadline) {
      recovered = effects.recover();
      TimeUnit.MILLISECONDS.sleep(50);
    }
    assertThat(recovered).isEqualTo(1);
  }

  /** Until the server has its booking, which waits for the lock: from then on it will be made. */
  private void awaitBooking() throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (database.queryLong("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            + " AND query LIKE 'INSERT INTO booking%'")
        == 0) {
      assertThat(System.nanoTime()).as("it comes to its booking").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  private List<String> calls(String id) {
    return database.queryStrings(
        "SELECT what || ' ' || epoch FROM call WHERE id = '%s' ORDER BY number".formatted(id));
  }

  private List<String> journal(String id) {
    return database.queryStrings("""
        SELECT status FROM holdfast.effect_transaction WHERE effect_id = '%1$s'
        UNION ALL
        (SELECT name || ' ' || status FROM holdfast.effect_operation_summary WHERE effect_id = '%1$s' ORDER BY position)""".formatted(new EffectId("trip", id).uuid()));
  }

  private static void signal(ChildJvm child, String signal)
      throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + signal, String.valueOf(child.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }
}
