package dev.holdfast.store.internal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;

/**
 * The session of the server behind a connection, remembered so that it can be ended when the connection is lost. A request may still be on
 * its way, or lie unread, while the client is already looking whether it was done; only when the session is gone can it never be done.
 * Immutable.
 *
 * @param pid the process of the server, 0 when the driver does not tell
 * @param rememberedAt when it was known to live, in the nanoseconds of {@link System#nanoTime()}
 */
public record ServerSession(int pid, long rememberedAt) {

  /**
   * A process number is used again; ours began before it was remembered, which is counted back from the server's own clock. When it began is not
   * told to everybody, and a time to come says that the clock was set back: then nobody knows. Parameters: microseconds, pid.
   */
  private static final String IS_OURS = """
      SELECT CASE WHEN a.backend_start <= clock_timestamp()
        THEN a.backend_start < clock_timestamp() - ? * interval '1 microsecond' END
      FROM pg_catalog.pg_stat_activity AS a
      WHERE a.pid = ?""";

  /** Parameters: those of {@link #IS_OURS}, pid. */
  private static final String TERMINATE =
      "SELECT pg_catalog.pg_terminate_backend(p.pid) FROM (SELECT ? AS pid) AS p WHERE (" + IS_OURS
          + ")";

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(5);

  /** The session behind a connection. */
  public static ServerSession of(Connection connection) throws SQLException {
    boolean tells = connection.isWrapperFor(PGConnection.class);
    return new ServerSession(
        tells ? connection.unwrap(PGConnection.class).getBackendPID() : 0, System.nanoTime());
  }

  /**
   * Ends the session and waits until it is gone.
   *
   * @param connection another connection to the same server
   * @return whether it is certain that the session is gone; behind a connection pooler it never is, because the process number is the
   *     pooler's invention, nor where it lives and this user is not told since when
   */
  boolean end(Connection connection) throws SQLException {
    if (pid == 0 || !isDirect(connection)) {
      return false;
    }
    terminate(connection);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (mayLive(connection)) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
    return true;
  }

  private static boolean isDirect(Connection connection) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement("SELECT pg_catalog.pg_backend_pid()");
        ResultSet row = statement.executeQuery()) {
      return row.next() && row.getInt(1) == of(connection).pid;
    }
  }

  private void terminate(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(TERMINATE)) {
      statement.setInt(1, pid);
      bindOurs(statement, 2);
      statement.execute();
    }
  }

  private boolean mayLive(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(IS_OURS)) {
      bindOurs(statement, 1);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && (row.getBoolean(1) || row.wasNull());
      }
    }
  }

  private void bindOurs(PreparedStatement statement, int first) throws SQLException {
    statement.setLong(first, TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - rememberedAt));
    statement.setInt(first + 1, pid);
  }
}
