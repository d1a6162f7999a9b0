package dev.holdfast.store.internal;

import java.sql.Connection;
import java.sql.SQLException;

/** Work on one connection. */
@FunctionalInterface
public interface SqlWork<T> {

  /** Does the work; the connection stays the session's and must not be closed. */
  T apply(Connection connection) throws SQLException;
}
