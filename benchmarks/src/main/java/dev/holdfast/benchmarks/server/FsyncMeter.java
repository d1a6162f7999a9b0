package dev.holdfast.benchmarks.server;

import dev.holdfast.error.internal.SqlFailure;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.OptionalDouble;

/**
 * Asks the server how long it waits for the disk when it flushes the write-ahead log. The server measures this for a session that switches
 * {@code track_wal_io_timing} on, which only a superuser may.
 */
final class FsyncMeter {

  /** The server adds up what a session did; before version 18 for all kinds of processes together. */
  private static final String SINCE_18 =
      "SELECT fsyncs, fsync_time FROM pg_stat_io WHERE object = 'wal' AND context = 'normal' AND backend_type = 'client backend'";

  private static final String BEFORE_18 = "SELECT wal_sync, wal_sync_time FROM pg_stat_wal";

  private static final int FIRST_WITH_FLUSH_OF_STATISTICS = 15;
  private static final int FIRST_WITH_STATISTICS_OF_IO = 18;

  private FsyncMeter() {}

  /**
   * The mean time of a flush during some work on this connection, in milliseconds; empty when the server does not tell.
   *
   * @param work that commits on the connection
   */
  static OptionalDouble millis(Connection connection, SqlWork work) throws SQLException {
    int version = connection.getMetaData().getDatabaseMajorVersion();
    if (version < FIRST_WITH_FLUSH_OF_STATISTICS || !switchTiming(connection, "on")) {
      return OptionalDouble.empty();
    }
    String query = version < FIRST_WITH_STATISTICS_OF_IO ? BEFORE_18 : SINCE_18;
    Flushes before = read(connection, query);
    work.run();
    Flushes after = read(connection, query);
    switchTiming(connection, "off");
    long flushes = after.count - before.count;
    return flushes == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((after.millis - before.millis) / flushes);
  }

  /** False when the user must not. */
  private static boolean switchTiming(Connection connection, String value) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET track_wal_io_timing = " + value);
      return true;
    } catch (SQLException e) {
      if (SqlFailure.of(e) == SqlFailure.PERMISSION) {
        return false;
      }
      throw e;
    }
  }

  private static Flushes read(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_stat_force_next_flush()");
      try (ResultSet result = statement.executeQuery(query)) {
        return result.next()
            ? new Flushes(result.getLong(1), result.getDouble(2))
            : new Flushes(0, 0);
      }
    }
  }

  /** Commits on the connection under measurement. */
  @FunctionalInterface
  interface SqlWork {
    void run() throws SQLException;
  }

  private record Flushes(long count, double millis) {}
}
