package dev.holdfast.store;

import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.awaitility.Awaitility;

/** The locks of states' rows, held by somebody else. Confined to one thread. */
final class TestingLock implements AutoCloseable {

  private static final String LOCK = "SELECT FROM holdfast.state WHERE state_id = ? FOR UPDATE";
  private static final String WAITING = """
      SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'""";

  private final Connection connection;

  TestingLock(TestDatabase database, State<?> state) throws SQLException {
    this(database, List.of(state));
  }

  TestingLock(TestDatabase database, List<? extends State<?>> states) throws SQLException {
    this.connection = database.dataSource().getConnection();
    connection.setAutoCommit(false);
    for (State<?> state : states) {
      try (PreparedStatement statement = connection.prepareStatement(LOCK)) {
        statement.setObject(1, state.id().uuid());
        statement.execute();
      }
    }
  }

  /** Makes the rows of states that are missing, for nobody to see. */
  void make(List<? extends State<?>> states) throws SQLException {
    for (State<?> state : states) {
      try (PreparedStatement statement = connection.prepareStatement("""
          INSERT INTO holdfast.state (state_id, namespace, name, version, changed_at, created_at)
          VALUES (?, ?, ?, 0, now(), now())""")) {
        statement.setObject(1, state.id().uuid());
        statement.setString(2, state.id().namespace());
        statement.setString(3, state.id().name());
        statement.execute();
      }
    }
  }

  /** How many sessions wait for a lock. */
  static long waiting(TestDatabase database) {
    return database.queryLong(WAITING);
  }

  static void awaitWaiting(TestDatabase database, int sessions) {
    Awaitility.await().until(() -> waiting(database) == sessions);
  }

  /** Gives the locks up; what was made is there. */
  void commit() throws SQLException {
    connection.commit();
  }

  /** Gives the locks up; what was made has never been there. */
  void rollBack() throws SQLException {
    connection.rollback();
  }

  @Override
  public void close() throws SQLException {
    if (!connection.isClosed()) {
      connection.rollback();
      connection.close();
    }
  }
}
