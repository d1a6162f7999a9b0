package dev.holdfast.store.internal;

import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * Borrows a connection for each piece of work. A connection that comes with auto-commit off is switched for the time of the work. Safe for
 * use by multiple threads.
 */
public final class PooledSession implements Session {

  private static final Log LOG = Logs.standard().of(PooledSession.class);

  private final DataSource dataSource;
  private final Gate gate = new Gate();

  /** A session on a data source. */
  public PooledSession(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  @Override
  public <T> T run(SqlWork<T> work) throws SQLException {
    gate.enter();
    try {
      return runInside(work);
    } finally {
      gate.leave();
    }
  }

  private <T> T runInside(SqlWork<T> work) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      return connection.getAutoCommit()
          ? work.apply(connection)
          : runWithAutoCommit(connection, work);
    }
  }

  private static <T> T runWithAutoCommit(Connection connection, SqlWork<T> work)
      throws SQLException {
    connection.setAutoCommit(true);
    T result;
    try {
      result = work.apply(connection);
    } catch (Throwable e) {
      switchOff(connection, e);
      throw e;
    }
    connection.setAutoCommit(false);
    return result;
  }

  private static void switchOff(Connection connection, Throwable cause) {
    try {
      connection.setAutoCommit(false);
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  /** Counts a caller in, for whom closing waits; every caller that came in must {@linkplain #leave() leave}. */
  void enter() {
    gate.enter();
  }

  void leave() {
    gate.leave();
  }

  /** The same session for work of callers that came in, which is done also while closing waits for them. */
  Session admitted() {
    return new Admitted() {
      @Override
      public <T> T run(SqlWork<T> work) throws SQLException {
        return runInside(work);
      }
    };
  }

  /** The same for finding out what became of their work, which may take long: it ends when closing does not wait for them any more. */
  public Session looks() {
    return new Admitted() {
      @Override
      public <T> T run(SqlWork<T> work) throws SQLException {
        gate.requireWaitedFor();
        return runInside(work);
      }
    };
  }

  private interface Admitted extends Session {
    @Override
    default boolean commitsEachMessage() {
      return true;
    }
  }

  /**
   * A connection with auto-commit off, for a transaction. Closing the lease rolls back what was not committed.
   *
   * @throws SQLException when there is none to be had
   */
  public Lease lease() throws SQLException {
    gate.enter();
    boolean leased = false;
    try {
      Connection connection = dataSource.getConnection();
      try {
        Lease lease = new Lease(connection, connection.getAutoCommit());
        connection.setAutoCommit(false);
        leased = true;
        return lease;
      } finally {
        if (!leased) {
          connection.close();
        }
      }
    } finally {
      if (!leased) {
        gate.leave();
      }
    }
  }

  /** A borrowed connection. */
  public final class Lease implements AutoCloseable {

    private final Connection connection;
    private final boolean autoCommit;
    private boolean isGivenBack;

    private Lease(Connection connection, boolean autoCommit) {
      this.connection = connection;
      this.autoCommit = autoCommit;
    }

    /** The connection. */
    public Connection connection() {
      return connection;
    }

    /**
     * Gives back a connection that was lost, so that the pool can have another one in its place. It is cut before, or it might go to somebody whose
     * work would end with the session when that is ended. The lease stays: closing waits for whoever holds it.
     */
    public void abort() {
      try {
        connection.abort(Runnable::run);
      } catch (SQLException e) {
        LOG.debug("A connection that is lost could not be cut", e);
      } finally {
        giveBack();
      }
    }

    /** Gives the connection back as it came. What fails here was decided before, so it is only logged. */
    @Override
    public void close() {
      try {
        giveBack();
      } finally {
        gate.leave();
      }
    }

    private void giveBack() {
      if (isGivenBack) {
        return;
      }
      isGivenBack = true;
      try (Connection closing = connection) {
        // Also on a connection that is lost: the failure tells the pool.
        closing.rollback();
        closing.setAutoCommit(autoCommit);
      } catch (SQLException e) {
        LOG.debug("A connection could not be given back in good order", e);
      }
    }
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
