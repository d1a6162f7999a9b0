package dev.holdfast.store.internal;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * Borrows a connection for each piece of work. A connection that comes with auto-commit off is switched for the time of the work. Safe for
 * use by multiple threads.
 */
public final class PooledSession implements Session {

  private final DataSource dataSource;
  private final Gate gate = new Gate();

  /** A session on a data source. */
  public PooledSession(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  @Override
  public <T> T run(SqlWork<T> work) throws SQLException {
    gate.enter();
    try (Connection connection = dataSource.getConnection()) {
      return connection.getAutoCommit()
          ? work.apply(connection)
          : runWithAutoCommit(connection, work);
    } finally {
      gate.leave();
    }
  }

  private static <T> T runWithAutoCommit(Connection connection, SqlWork<T> work)
      throws SQLException {
    connection.setAutoCommit(true);
    T result = work.apply(connection);
    connection.setAutoCommit(false);
    return result;
  }

  @Override
  public boolean commitsEachMessage() {
    return true;
  }

  /**
   * Refuses new work and waits for running work to end.
   *
   * @return whether all work ended in time
   */
  public boolean close(Duration patience) {
    return gate.close(patience);
  }
}
