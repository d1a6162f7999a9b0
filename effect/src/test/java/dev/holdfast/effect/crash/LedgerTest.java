package dev.holdfast.effect.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.effect.Effects;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.store.StateStore;
import dev.holdfast.testkit.ChildJvm;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Several processes run many effect transactions whose handlers and compensations fail at random, while processes are killed and started
 * again. In the end the ledger outside says exactly what the journal says. {@code -Dholdfast.test.effects=full} runs 1,000 effect
 * transactions on four processes instead of 80 on two.
 */
@HoldfastTest
@Tag("G8")
@Tag("G9")
final class LedgerTest {

  private static final boolean FULL =
      System.getProperty("holdfast.test.effects", "small").equals("full");
  private static final int TRANSACTIONS = FULL ? 1_000 : 80;
  private static final int PROCESSES = FULL ? 4 : 2;
  private static final int KILLS = FULL ? 20 : 4;
  private static final Duration LIMIT = Duration.ofMinutes(FULL ? 10 : 3);

  private final TestDatabase database;

  LedgerTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void theLedgerSaysWhatTheJournalSays() throws Exception {
    long seed = Seed.next("ledger");
    database.execute(Ledger.TABLES);
    runAndKill(seed);

    List<String> statuses = rows("SELECT DISTINCT status FROM holdfast.effect_transaction");
    assertThat(statuses)
        .as("all kinds of ends, and nothing else")
        .containsExactlyInAnyOrder("committed", "rolled_back", "rollback_failed");
    assertThat(database.queryLong("SELECT count(*) FROM holdfast.effect_transaction"))
        .isEqualTo(TRANSACTIONS);
    assertThat(
            database.queryLong("SELECT count(*) FROM holdfast.effect_transaction WHERE epoch > 1"))
        .as("taken over")
        .isPositive();
    assertThat(contradictions()).isEmpty();
    retryAll(seed);
    assertThat(contradictions()).isEmpty();
  }

  /** Everything in which the ledger and the journal, or the journal and itself, differ. */
  private List<String> contradictions() {
    return rows("""
        SELECT 'operation ' || o.effect_id || ' ' || o.position::text || ' is ' || o.status || ' but its entry is '
          || coalesce(e.state, 'absent')
        FROM holdfast.effect_operation_summary AS o
        LEFT JOIN entry AS e ON e.key = o.effect_id || '/' || array_to_string(o.position, '.')
        WHERE o.kind = 'remote' AND coalesce(e.state, 'absent') <> CASE o.status
          WHEN 'succeeded' THEN 'posted'
          WHEN 'failed' THEN 'absent'
          WHEN 'compensated' THEN 'undone'
          WHEN 'compensation_failed' THEN 'posted'
          ELSE 'impossible' END
        UNION ALL
        SELECT 'entry ' || e.key || ' has no operation'
        FROM entry AS e
        WHERE NOT EXISTS (
          SELECT FROM holdfast.effect_operation_summary AS o
          WHERE e.key = o.effect_id || '/' || array_to_string(o.position, '.'))
        UNION ALL
        SELECT 'entry ' || e.key || ' was performed ' || e.performed || ' times'
        FROM entry AS e
        WHERE e.performed <> 1
        UNION ALL
        SELECT 'operation ' || o.effect_id || ' ' || o.position::text || ' is ' || o.status || ' in a transaction that is '
          || t.status
        FROM holdfast.effect_operation_summary AS o
        JOIN holdfast.effect_transaction AS t ON t.effect_id = o.effect_id
        WHERE (t.status = 'committed') <> (o.status = 'succeeded')
          AND NOT (o.status IN ('failed', 'compensated', 'compensation_failed') AND t.status <> 'committed')
        UNION ALL
        SELECT 'operation ' || o.effect_id || ' ' || o.position::text || ' has no record of its failure'
        FROM holdfast.effect_operation_summary AS o
        WHERE o.status = 'compensation_failed' AND NOT EXISTS (
          SELECT FROM holdfast.rollback_failure AS f
          WHERE f.effect_id = o.effect_id AND f.position = o.position AND f.status = 'open')
        UNION ALL
        SELECT 'transaction ' || t.id || ' counts ' || t.open_failures || ' open failures and is ' || t.status
        FROM holdfast.effect_transaction AS t
        WHERE t.open_failures <> (
            SELECT count(*) FROM holdfast.rollback_failure AS f
            WHERE f.effect_id = t.effect_id AND f.status = 'open')
          OR (t.status = 'rollback_failed') <> (t.open_failures > 0)
        UNION ALL
        SELECT 'step of ' || t.id || ' is ' || o.status || ' but its state has ' || count(v.key) || ' keys'
        FROM holdfast.effect_operation_summary AS o
        JOIN holdfast.effect_transaction AS t ON t.effect_id = o.effect_id
        LEFT JOIN holdfast.value_summary AS v ON v.namespace = 'ledger' AND v.name = t.id
        WHERE o.kind = 'step'
        GROUP BY t.id, o.status
        HAVING count(v.key) <> CASE o.status WHEN 'succeeded' THEN 1 ELSE 0 END""");
  }

  private void retryAll(long seed) {
    database.execute("INSERT INTO repair VALUES (now())");
    try (StateStore store = StateStore.builder(database.dataSource()).build();
        Effects effects =
            Effects.builder(store, database.dataSource()).withoutRecovery().build()) {
      new Ledger(database.dataSource(), seed).register(effects);
      List<RollbackFailure> open = effects.rollbackFailures().open(10_000);
      assertThat(open).isNotEmpty();
      open.forEach(failure -> effects.rollbackFailures().retry(failure.id()));
      assertThat(effects.rollbackFailures().open()).isEmpty();
    }
    assertThat(rows("SELECT DISTINCT status FROM holdfast.effect_transaction"))
        .containsExactlyInAnyOrder("committed", "rolled_back", "resolved");
  }

  /** The control: an entry that was changed behind the journal's back is found. */
  @Test
  void aLedgerThatDiffersIsFound() {
    database.execute("""
        INSERT INTO holdfast.effect_transaction
          (effect_id, name, id, status, epoch, revision, owner, process, ended_at)
        VALUES (gen_random_uuid(), 'ledger', 'control', 'committed', 1, 1, gen_random_uuid(), 'test', now());
        INSERT INTO holdfast.effect_operation (effect_id, position, kind, name, started_at)
        SELECT effect_id, '{1}', 'remote', 'post', now() FROM holdfast.effect_transaction WHERE id = 'control';
        INSERT INTO holdfast.effect_outcome (effect_id, position, status, changed_at)
        SELECT effect_id, '{1}', 'succeeded', now() FROM holdfast.effect_transaction WHERE id = 'control';
        CREATE TABLE IF NOT EXISTS entry (key text PRIMARY KEY, state text NOT NULL, performed integer NOT NULL)""");
    assertThat(contradictions()).hasSize(1).first().asString().contains("entry is absent");
    database.execute("""
        DELETE FROM holdfast.effect_compensation;
        DELETE FROM holdfast.effect_outcome;
        DELETE FROM holdfast.effect_operation;
        DELETE FROM holdfast.effect_transaction;
        DROP TABLE entry""");
  }

  private void runAndKill(long seed) throws Exception {
    Random random = new Random(seed);
    List<ChildJvm> workers = new ArrayList<>();
    Set<ChildJvm> working = new HashSet<>();
    try {
      startTogether(seed, workers);
      working.addAll(workers);
      for (int kill = 0; kill < KILLS; kill++) {
        int victim = random.nextInt(PROCESSES);
        if (working.add(workers.get(victim))) {
          workers.get(victim).readLineMatching("working", LIMIT);
        }
        TimeUnit.MILLISECONDS.sleep(100 + random.nextInt(500));
        workers.get(victim).kill();
        workers.set(victim, start(seed));
      }
      for (ChildJvm worker : workers) {
        assertThat(worker.waitFor(LIMIT)).as("%s", worker.output()).isZero();
      }
    } finally {
      workers.forEach(ChildJvm::close);
    }
  }

  /** The first to be there must not have done everything before the last one is. */
  private void startTogether(long seed, List<ChildJvm> workers) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE entry IN EXCLUSIVE MODE");
      for (int i = 0; i < PROCESSES; i++) {
        workers.add(start(seed));
      }
      for (ChildJvm worker : workers) {
        worker.readLineMatching("working", LIMIT);
      }
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  private ChildJvm start(long seed) {
    return ChildJvm.start(
        LedgerWorker.class,
        database.jdbcUrl(),
        database.libraryUser(),
        database.libraryPassword(),
        String.valueOf(seed),
        String.valueOf(TRANSACTIONS),
        "1500");
  }

  private List<String> rows(String sql) {
    return database.queryStrings(sql);
  }
}
