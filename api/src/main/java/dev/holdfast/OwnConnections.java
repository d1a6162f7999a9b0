package dev.holdfast;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * The connections of a Holdfast, for what it hands out and does not close itself. After the end there are none, also where the data source
 * belongs to somebody else and is still open; a pool that was closed would be taken for a failure of the database. Safe for use by multiple
 * threads.
 */
final class OwnConnections implements DataSource {

  private final DataSource dataSource;
  private volatile boolean closed;

  OwnConnections(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** Lends no connection any more; those that are lent stay open. */
  void close() {
    closed = true;
  }

  private DataSource open() {
    if (closed) {
      throw new HoldfastException(ErrorCode.CLOSED, "This Holdfast is closed");
    }
    return dataSource;
  }

  @Override
  public Connection getConnection() throws SQLException {
    return open().getConnection();
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    return open().getConnection(user, password);
  }

  @Override
  public PrintWriter getLogWriter() throws SQLException {
    return dataSource.getLogWriter();
  }

  @Override
  public void setLogWriter(PrintWriter writer) throws SQLException {
    dataSource.setLogWriter(writer);
  }

  @Override
  public int getLoginTimeout() throws SQLException {
    return dataSource.getLoginTimeout();
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    dataSource.setLoginTimeout(seconds);
  }

  @Override
  public Logger getParentLogger() {
    return Logger.getLogger("dev.holdfast");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return dataSource.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return dataSource.isWrapperFor(type);
  }
}
