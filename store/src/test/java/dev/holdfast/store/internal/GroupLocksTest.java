package dev.holdfast.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.store.StateId;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.GroupSql.Way;
import dev.holdfast.store.internal.GroupWriter.Look;
import dev.holdfast.store.internal.Verdict.Settled;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two messages that carry the same states in opposite order: each leaves out what the other holds, so neither waits. */
@HoldfastTest
@Tag("G2")
final class GroupLocksTest {

  private static final String WAITING = """
      SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'""";

  private final TestDatabase database;
  private final GroupSql sql;
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final UUID one = new StateId("locks", "one").uuid();
  private final UUID two = new StateId("locks", "two").uuid();

  GroupLocksTest(TestDatabase database) {
    this.database = database;
    this.sql = new GroupSql(database.schema());
  }

  @BeforeEach
  void createBoth() {
    database.execute("""
        INSERT INTO holdfast.state (state_id, namespace, name, version, changed_at, created_at)
        SELECT holdfast.state_id('locks', name), 'locks', name, 0, now(), now() FROM (VALUES ('one'), ('two')) AS n (name)
        ON CONFLICT ON CONSTRAINT state_pkey DO NOTHING""");
  }

  @AfterEach
  void close() {
    thread.shutdownNow();
  }

  @Test
  void oppositeOrdersDoNotWaitForEachOther() throws Exception {
    try (Connection left = begin();
        Connection right = begin()) {
      assertThat(write(sql.blind(Way.SKIP), left, List.of(one))).containsExactly(1);
      // The second of its states is held by the other message and left out.
      Future<List<Integer>> other =
          thread.submit(() -> write(sql.blind(Way.SKIP), right, List.of(two, one)));
      assertThat(other.get(30, TimeUnit.SECONDS)).containsExactly(1);
      assertThat(write(sql.blind(Way.SKIP), left, List.of(two))).isEmpty();
      left.commit();
      right.commit();
    }
    assertThat(versions()).containsExactly("one|1", "two|1");
  }

  /** The control: the same without leaving anything out ends in a deadlock. */
  @Test
  void withoutSkippingThereIsADeadlock() throws Exception {
    String waiting = sql.blind(Way.SKIP).replace(" SKIP LOCKED", "");
    assertThat(waiting).isNotEqualTo(sql.blind(Way.SKIP));
    try (Connection left = begin();
        Connection right = begin()) {
      assertThat(write(waiting, left, List.of(one))).containsExactly(1);
      Future<List<Integer>> other = thread.submit(() -> write(waiting, right, List.of(two, one)));
      Awaitility.await().until(() -> database.queryLong(WAITING) == 1);

      assertThatThrownBy(() -> {
            write(waiting, left, List.of(two));
            other.get(30, TimeUnit.SECONDS);
          })
          .hasStackTraceContaining("deadlock detected");
      left.rollback();
      // Now it ends, if it was not the one that failed; until then it uses the connection.
      Awaitility.await().atMost(Duration.ofSeconds(30)).until(other::isDone);
      right.rollback();
    }
  }

  /** The bound of a turn takes the place of a longer one only, and ends with it. */
  @Test
  void aTurnIsBoundedAndKeepsAShorterBoundOfTheSession() throws Exception {
    StateId id = new StateId("locks", "one");
    GroupWriter writer = new GroupWriter(database.schema(), 64, new Tails(64));
    Batch batch = new Batch();
    batch.add(new ChangeSet(
        id,
        id.uuid(),
        new Author(null, null),
        UUID.randomUUID(),
        null,
        List.of(Item.value("key", Operation.SET, "1"))));
    try (Connection holder = begin();
        Connection waiting = database.dataSource().getConnection();
        Statement statement = waiting.createStatement()) {
      assertThat(write(sql.blind(Way.SKIP), holder, List.of(one))).containsExactly(1);
      for (String own : List.of("0", "30ms", "1min")) {
        statement.execute("SET lock_timeout = '" + own + "'");
        for (Way way : List.of(Way.WAIT_A_TURN, Way.CREATE_IN_A_TURN)) {
          assertThatThrownBy(() -> writer.write(waiting, batch, way))
              .hasMessageContaining("lock timeout");
        }
        assertThat(writer.look(waiting, one)).isEqualTo(new Look(true, own.equals("30ms")));
        try (ResultSet row = statement.executeQuery("SHOW lock_timeout")) {
          row.next();
          assertThat(row.getString(1)).isEqualTo(own);
        }
      }
      assertThat(writer.look(waiting, UUID.randomUUID()).isThere()).isFalse();
      holder.rollback();
      assertThat(writer.write(waiting, batch, Way.WAIT_A_TURN))
          .allMatch(verdict -> verdict instanceof Settled);
    }
    database.execute("DELETE FROM holdfast.change WHERE state_id = '" + one + "'");
    database.execute("UPDATE holdfast.state SET version = 0 WHERE state_id = '" + one + "'");
  }

  private Connection begin() throws SQLException {
    Connection connection = database.dataSource().getConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  /** Sets one key of each state; the places of those that were written. */
  private static List<Integer> write(String sql, Connection connection, List<UUID> states)
      throws SQLException {
    List<Integer> places = new ArrayList<>();
    for (int i = 1; i <= states.size(); i++) {
      places.add(i);
    }
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Binder.of(statement)
          .uuids(states, state -> state)
          .integers(states, state -> 1)
          .integers(places, place -> place)
          .texts(states, state -> "key")
          .integers(states, state -> 1)
          .texts(states, state -> "set")
          .texts(states, state -> null)
          .texts(states, state -> null)
          .uuids(states, state -> UUID.randomUUID())
          .texts(states, state -> "1");
      List<Integer> written = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          written.add(rows.getInt(1));
        }
      }
      Collections.sort(written);
      return written;
    }
  }

  private List<String> versions() {
    return database.queryStrings(
        "SELECT name, version FROM holdfast.state WHERE namespace = 'locks' ORDER BY name");
  }
}
