package dev.holdfast.effect.sql;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.internal.SqlFailure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** One database transaction at READ COMMITTED. Used once, by one thread. */
final class SqlTransaction {

  private final Connection connection;

  private SqlTransaction(Connection connection) {
    this.connection = connection;
  }

  /** What runs in it. */
  @FunctionalInterface
  interface Work<T> {
    T run(SqlTransaction transaction) throws SQLException;
  }

  /** How a row is read. */
  @FunctionalInterface
  interface Reading<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** Commits what the work has done, or rolls back when it throws. The connection is given back as it was. */
  static <T> T call(DataSource dataSource, Work<T> work) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      boolean automatic = connection.getAutoCommit();
      int isolation = connection.getTransactionIsolation();
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
      T result;
      try {
        result = work.run(new SqlTransaction(connection));
        connection.commit();
      } catch (Throwable e) {
        rollback(connection, e);
        throw e;
      } finally {
        if (!connection.isClosed()) {
          connection.setTransactionIsolation(isolation);
          connection.setAutoCommit(automatic);
        }
      }
      return result;
    }
  }

  private static void rollback(Connection connection, Throwable cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  int update(String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = prepare(sql, Arrays.asList(parameters))) {
      return statement.executeUpdate();
    }
  }

  <T> T row(String sql, Reading<T> reading, Object... parameters) throws SQLException {
    try (PreparedStatement statement = prepare(sql, Arrays.asList(parameters));
        ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        throw new SQLException("There is no row that was there a moment ago: " + sql);
      }
      return reading.read(row);
    }
  }

  /**
   * Refuses another number of parameters than a statement has. Nothing is sent: the driver has to find the places of parameters, and takes
   * no value for more than there are.
   */
  void requireParameters(String what, String sql, List<? extends @Nullable Object> parameters)
      throws SQLException {
    int places = 0;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      while (isTaken(statement, places + 1)) {
        places++;
      }
    }
    int given = parameters.size();
    if (given != places) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          what + " has " + places + (places == 1 ? " parameter" : " parameters") + ", and " + given
              + (given == 1 ? " is" : " are") + " given");
    }
  }

  private static boolean isTaken(PreparedStatement statement, int place) throws SQLException {
    try {
      statement.setNull(place, Types.NULL);
      return true;
    } catch (SQLException e) {
      if (SqlFailure.isInvalidParameter(e)) {
        return false;
      }
      throw e;
    }
  }

  /** The number of rows that were changed; -1 when the statement does not say. */
  long execute(String sql, List<? extends @Nullable Object> parameters) throws SQLException {
    try (PreparedStatement statement = prepare(sql, parameters)) {
      return statement.execute() ? -1 : statement.getLargeUpdateCount();
    }
  }

  private PreparedStatement prepare(String sql, List<? extends @Nullable Object> parameters)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    try {
      for (int i = 0; i < parameters.size(); i++) {
        statement.setObject(i + 1, parameters.get(i));
      }
      return statement;
    } catch (SQLException | RuntimeException e) {
      statement.close();
      throw e;
    }
  }
}
