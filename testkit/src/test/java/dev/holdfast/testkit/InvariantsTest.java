package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Starts each time from a history that uses every form and breaks it in one way: what is not found here is not checked. */
@HoldfastTest(invariants = false)
final class InvariantsTest {

  /** What stays open is waited for: no longer than it takes to see that it was waited for. */
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private final TestDatabase database;

  InvariantsTest(TestDatabase database) {
    this.database = database;
  }

  /** Version 1 and 2: whole values; 3 and 4: deltas; 5: both keys; 6: a reference to a delta; 7: one to a value; 8: none. */
  @BeforeEach
  void writeHistory() {
    database.execute(
        "TRUNCATE holdfast.state, holdfast.change, holdfast.tag, holdfast.fork, holdfast.history_removal");
    state("trip", 8);
    change("trip", "log", 1, "value", "NULL", "NULL", "NULL");
    change("trip", "phase", 2, "value", "NULL", "NULL", "NULL");
    change("trip", "log", 3, "append", "1", "NULL", "1");
    change("trip", "log", 4, "patch", "1", "NULL", "2");
    change("trip", "log", 5, "append", "1", "NULL", "3");
    change("trip", "phase", 5, "value", "NULL", "NULL", "NULL");
    change("trip", "log", 6, "reference", "1", "4", "NULL");
    change("trip", "phase", 7, "reference", "2", "2", "NULL");
    change("trip", "log", 8, "none", "NULL", "NULL", "NULL");
    state("empty", 0);
  }

  @Test
  void acceptsAWholeHistory() {
    Invariants.check(database.dataSource(), database.schema());
  }

  @Test
  void findsATransactionThatStaysOpen() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SELECT 'planted'");

      finds("is idle in transaction since", "SELECT 'planted'");
    }
  }

  @Test
  void findsAFailedTransactionThatStaysOpen() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      assertThatThrownBy(() -> statement.execute("SELECT 1 / 0")).isInstanceOf(SQLException.class);

      finds("is idle in transaction (aborted) since");
    }
  }

  @Test
  void waitsForATransactionToEnd() throws Exception {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SELECT 1");
      // One connection asks for the time, each further one looks at the sessions.
      TestingDataSource source = new TestingDataSource(database, 3);
      CompletableFuture<Void> checking =
          CompletableFuture.runAsync(() -> Invariants.check(source, database.schema()));

      source.awaitConnections();
      connection.commit();

      assertThat(checking).succeedsWithin(Duration.ofSeconds(60));
    }
  }

  @Test
  void findsAMissingVersion() {
    plant("DELETE FROM holdfast.change WHERE version = 2");
    finds("state t/trip is at version 8, but its history has 7 versions up to 8; first missing: 2");
  }

  @Test
  void findsAStateBehindItsHistory() {
    plant("UPDATE holdfast.state SET version = 7 WHERE name = 'trip'");
    finds(
        "state t/trip is at version 7, but its history has 8 versions up to 8; first missing: none");
  }

  @Test
  void findsAStateAheadOfItsHistory() {
    plant("UPDATE holdfast.state SET version = 3 WHERE name = 'empty'");
    finds(
        "state t/empty is at version 3, but its history has 0 versions up to 0; first missing: 1");
  }

  @Test
  void findsATagOfAVersionThatNeverWas() {
    String tag = "INSERT INTO holdfast.tag (state_id, name, version, tagged_at, transaction_id)"
        + " SELECT state_id, 'here', %s, now(), gen_random_uuid() FROM holdfast.state WHERE name = 'trip'";
    plant(tag.formatted(8));
    check();
    plant(tag.formatted(9).replace("'here'", "'there'"));
    finds("state t/trip: tag \"there\" names version 9, but the state is at 8");
  }

  /** As retention leaves it: versions 1 and 3 of the log are gone, 4 became a whole value, and 5 and 6 still name version 1. */
  private void removed(long upTo) {
    plant("UPDATE holdfast.state SET oldest_version = 4 WHERE name = 'trip'");
    plant("DELETE FROM holdfast.change WHERE key = 'log' AND version IN (1, 3)");
    plant("UPDATE holdfast.change SET form = 'value', base_version = NULL, delta_count = NULL"
        + " WHERE key = 'log' AND version = 4");
    plant(
        "INSERT INTO holdfast.history_removal (state_id, run_id, version, removed, folded, began_at, ended_at)"
            + " SELECT state_id, gen_random_uuid(), " + upTo
            + ", 2, 1, now(), now() FROM holdfast.state WHERE name = 'trip'");
  }

  @Test
  void acceptsWhatRetentionLeaves() {
    removed(4);
    check();
  }

  @Test
  void findsARemovalThatIsNotOnRecord() {
    removed(4);
    plant("DELETE FROM holdfast.change WHERE version = 5");
    finds("its history has 3 versions up to 8; first missing: 5");
  }

  @Test
  void findsAFoldThatIsNotOnRecord() {
    removed(2);
    finds("first missing: 3", "version 5 is append and folds 3 deltas", "version 6 is a reference");
  }

  @Test
  void findsARemovalOfWhatWasNotCleared() {
    removed(4);
    plant("UPDATE holdfast.state SET oldest_version = 3 WHERE name = 'trip'");
    finds("rows up to version 4 were removed, but 3 is the oldest version");
  }

  @Test
  void findsRowsThatAFoldLeftBehind() {
    removed(4);
    change("trip", "log", 3, "append", "1", "NULL", "1");
    finds("version 5 is append and folds 3 deltas");
  }

  @Test
  void findsChangesWithoutAState() {
    change("ghost", "a", 1, "value", "NULL", "NULL", "NULL");
    finds("has no row in state, but changes of versions 1 to 1, one of them of key \"a\"");
  }

  @Test
  void findsTwoTimesInOneVersion() {
    plant("UPDATE holdfast.change SET changed_at = changed_at + interval '1 ms'"
        + " WHERE version = 5 AND key = 'log'");
    finds("state t/trip: version 5 has changes of two times");
  }

  @Test
  void findsAVersionThatIsNotLaterThanTheOneBefore() {
    plant("UPDATE holdfast.change SET changed_at = changed_at - interval '1 s' WHERE version = 4");
    finds("state t/trip: version 4 is of", "not later than the version before it");
  }

  @Test
  void findsAStateWithAnotherTimeThanItsNewestVersion() {
    plant("UPDATE holdfast.state SET changed_at = changed_at + interval '1 s' WHERE name = 'trip'");
    finds("state t/trip: version 8 is the newest and of", "but the state was changed at");
  }

  @Test
  void findsADeltaWithoutItsValue() {
    state("cut", 1);
    change("cut", "log", 1, "append", "0", "NULL", "1");
    finds(
        "state t/cut, key \"log\": version 1 is append and folds 1 deltas onto the value of version 0");
  }

  @Test
  void findsADeltaOntoSomethingElseThanAValue() {
    plant(
        "UPDATE holdfast.change SET form = 'none', payload = NULL WHERE key = 'log' AND version = 1");
    finds("version 3 is append", "after version 1, which is none");
  }

  @Test
  void findsADeltaThatNamesADelta() {
    plant("UPDATE holdfast.change SET base_version = 3, delta_count = 1"
        + " WHERE key = 'log' AND version = 4");
    finds(
        "version 4 is patch and folds 1 deltas onto the value of version 3, but there are 2 deltas"
            + " after version 1, which is value");
  }

  @Test
  void findsAValueBetweenDeltas() {
    plant("UPDATE holdfast.change SET form = 'value', base_version = NULL, delta_count = NULL"
        + " WHERE key = 'log' AND version = 4");
    finds(
        "version 5 is append and folds 3 deltas onto the value of version 1, but there are 1 deltas"
            + " after version 4, which is value");
  }

  @Test
  void findsAWrongDeltaCount() {
    plant("UPDATE holdfast.change SET delta_count = 4 WHERE key = 'log' AND version = 5");
    finds(
        "version 5 is append and folds 4 deltas onto the value of version 1, but there are 3 deltas");
  }

  @Test
  void findsADeltaThatNamesNothing() {
    plant("UPDATE holdfast.change SET base_version = NULL, delta_count = NULL"
        + " WHERE key = 'log' AND version = 5");
    finds("version 5 is append and folds null deltas onto the value of version null");
  }

  @Test
  void findsARowThatIsNotWhatItsFormSays() {
    plant("UPDATE holdfast.change SET payload = NULL WHERE key = 'phase' AND version = 2");
    finds("key \"phase\": version 2 is value by", "and no payload");
  }

  @Test
  void findsAnUnknownOperation() {
    plant("UPDATE holdfast.change SET operation = 'rename' WHERE key = 'phase' AND version = 2");
    finds("key \"phase\": version 2 is value by rename");
  }

  @Test
  void findsAJournalThatIsNotWhatItMayBe() {
    plant("""
        INSERT INTO holdfast.effect_transaction (effect_id, name, id, status, epoch, revision, owner, process, leased_until)
        VALUES (gen_random_uuid(), 'book', '1', 'committed', 1, 1, gen_random_uuid(), 'test', 'epoch'),
          (gen_random_uuid(), 'book', '2', 'finished', 1, 1, gen_random_uuid(), 'test', NULL);
        INSERT INTO holdfast.effect_operation (effect_id, position, kind, name, started_at)
        VALUES (gen_random_uuid(), '{1}', 'local', 'flight', now());
        INSERT INTO holdfast.effect_outcome (effect_id, position, status, changed_at)
        VALUES (gen_random_uuid(), '{3}', 'done', now());
        INSERT INTO holdfast.effect_compensation (effect_id, position, status, changed_at)
        VALUES (gen_random_uuid(), '{4}', 'undone', now());
        INSERT INTO holdfast.effect_payload (effect_id, position, part, payload)
        VALUES (gen_random_uuid(), '{2}', 'answer', '1')""");
    try {
      finds(
          "effect transaction book/1 is committed, leased until 1970",
          "effect transaction book/2 is finished, leased until never",
          "is a local",
          "the outcome of operation {3}",
          "the compensation of operation {4}",
          "operation {3} of effect transaction",
          "has an outcome or a compensation and was never intended",
          "has a payload \"answer\"");
    } finally {
      plant("TRUNCATE " + EffectTables.ALL);
    }
  }

  @Test
  void findsAStateThatStartsBehindItsEnd() {
    plant("UPDATE holdfast.state SET oldest_version = 9 WHERE name = 'trip'");
    finds("name \"trip\", version 8, oldest version 9");
  }

  @Test
  void findsAReferenceToAMissingRow() {
    plant("UPDATE holdfast.change SET source_version = 3 WHERE key = 'phase' AND version = 7");
    finds("state t/trip, key \"phase\": version 7 is a reference to version 3 with base version 2,"
        + " which does not exist");
  }

  @Test
  void findsAReferenceToAReference() {
    state("chain", 3);
    change("chain", "a", 1, "value", "NULL", "NULL", "NULL");
    change("chain", "a", 2, "reference", "1", "1", "NULL");
    change("chain", "a", 3, "reference", "1", "2", "NULL");
    finds("version 3 is a reference to version 2 with base version 1, which is reference");
  }

  @Test
  void findsAReferenceToNothing() {
    state("chain", 3);
    change("chain", "a", 1, "value", "NULL", "NULL", "NULL");
    change("chain", "a", 2, "none", "NULL", "NULL", "NULL");
    change("chain", "a", 3, "reference", "1", "2", "NULL");
    finds("version 3 is a reference to version 2 with base version 1, which is none");
  }

  @Test
  void findsAReferenceWithAnotherBaseThanItsValue() {
    plant("UPDATE holdfast.change SET base_version = 1 WHERE key = 'phase' AND version = 7");
    finds("version 7 is a reference to version 2 with base version 1,"
        + " but the base of that one is version 2");
  }

  @Test
  void findsAReferenceWithAnotherBaseThanItsDelta() {
    plant("UPDATE holdfast.change SET base_version = 3 WHERE key = 'log' AND version = 6");
    finds("version 6 is a reference to version 4 with base version 3,"
        + " but the base of that one is version 1");
  }

  @Test
  void namesEverythingThatItFinds() {
    plant("DELETE FROM holdfast.change WHERE version = 2");
    finds("first missing: 2", "version 7 is a reference to version 2");
  }

  private void check() {
    Invariants.check(database.dataSource(), database.schema(), LIMIT);
  }

  private void finds(String... parts) {
    assertThatThrownBy(this::check)
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll(parts);
  }

  private void plant(String sql) {
    database.execute(sql);
  }

  private void state(String name, long version) {
    database.execute("""
        INSERT INTO holdfast.state (state_id, namespace, name, version, changed_at, created_at)
        VALUES (holdfast.state_id('t', '%s'), 't', '%s', %d, %s, now())
        """.formatted(name, name, version, timeOf(version)));
  }

  private void change(
      String state,
      String key,
      long version,
      String form,
      String base,
      String source,
      String count) {
    boolean hasPayload = !form.equals("none") && !form.equals("reference");
    database.execute("""
        INSERT INTO holdfast.change (state_id, key, version, operation, changed_at, transaction_id,
          form, base_version, source_version, delta_count, payload)
        VALUES (holdfast.state_id('t', '%s'), '%s', %d, 'set', %s, gen_random_uuid(),
          '%s', %s, %s, %s, %s)
        """.formatted(
            state,
            key,
            version,
            timeOf(version),
            form,
            base,
            source,
            count,
            hasPayload ? "'[]'" : "NULL"));
  }

  private static String timeOf(long version) {
    return "timestamptz '2026-01-01 00:00:00Z' + interval '1 ms' * " + version;
  }
}
