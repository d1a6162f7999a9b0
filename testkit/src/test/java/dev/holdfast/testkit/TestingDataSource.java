package dev.holdfast.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.postgresql.ds.PGSimpleDataSource;

/** A data source that tells when it was asked for a number of connections. */
final class TestingDataSource extends PGSimpleDataSource {

  private static final long serialVersionUID = 1L;

  private final transient CountDownLatch awaited;

  TestingDataSource(TestDatabase database, int connections) {
    awaited = new CountDownLatch(connections);
    setURL(database.jdbcUrl());
    setUser(database.user());
    setPassword(database.password());
  }

  @Override
  public Connection getConnection() throws SQLException {
    awaited.countDown();
    return super.getConnection();
  }

  void awaitConnections() throws InterruptedException {
    if (!awaited.await(60, TimeUnit.SECONDS)) {
      throw new AssertionError(awaited.getCount() + " connections were not asked for");
    }
  }
}
