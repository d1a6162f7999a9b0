package dev.holdfast.integration.cost;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.integration.connection.TestingProxy;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * Measures what calls cost that go through its only connection. A server process tells its counters to the others only now and then, so
 * they are asked for on the connection that is measured. Confined to one thread.
 */
final class Meter implements AutoCloseable {

  /** Made by reading the counters: asking for them to be published, and reading them. */
  private static final int OWN_TRANSACTIONS = 2;

  private static final int FIRST_WITH_FORCED_FLUSH = 15;
  private static final int FIRST_WITH_LOG_IN_IO = 18;

  private final TestingProxy proxy;
  private final HikariDataSource pool;
  private final String flushes;

  Meter(TestDatabase database) {
    this.proxy = TestingProxy.to(database);
    this.pool = new HikariDataSource();
    pool.setJdbcUrl(proxy.jdbcUrl());
    pool.setUsername(database.user());
    pool.setPassword(database.password());
    pool.setMaximumPoolSize(1);
    int major = major(database);
    this.flushes = major >= FIRST_WITH_LOG_IN_IO
        ? "SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal' AND backend_type = 'client backend'"
        : "SELECT wal_sync FROM pg_stat_wal";
  }

  /** Ends a test as skipped on a server that cannot be asked for its counters; before a meter is made. */
  static void assumeCountersCanBeRead(TestDatabase database) {
    assumeTrue(
        major(database) >= FIRST_WITH_FORCED_FLUSH,
        () -> "pg_stat_force_next_flush is there from PostgreSQL 15 on, not on "
            + database.serverVersion());
  }

  private static int major(TestDatabase database) {
    return Integer.parseInt(database.serverVersion().split("\\.", 2)[0]);
  }

  DataSource dataSource() {
    return pool;
  }

  Cost measure(Runnable call) throws SQLException {
    Cost before = read();
    long roundTripsBefore = proxy.roundTrips();
    call.run();
    long roundTrips = proxy.roundTrips() - roundTripsBefore;
    Cost cost = read().minus(before);
    return new Cost(roundTrips, cost.transactions() - OWN_TRANSACTIONS, cost.flushes());
  }

  private Cost read() throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_stat_force_next_flush()");
      try (ResultSet row = statement.executeQuery("SELECT xact_commit, (" + flushes
          + ") FROM pg_stat_database WHERE datname = current_database()")) {
        row.next();
        return new Cost(proxy.roundTrips(), row.getLong(1), row.getLong(2));
      }
    }
  }

  @Override
  public void close() {
    pool.close();
    proxy.close();
  }
}
