package dev.holdfast.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** A connection is given back as it came. */
@HoldfastTest
final class PooledSessionTest {

  private final TestDatabase database;

  PooledSessionTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void autoCommitIsOffAgainAfterTheWork() throws SQLException {
    try (Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false);

      assertThat(poolOf(connection).run(Connection::getAutoCommit)).isTrue();

      assertThat(connection.getAutoCommit()).isFalse();
    }
  }

  @Test
  void autoCommitIsOffAgainAfterWorkThatFails() throws SQLException {
    try (Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false);

      assertThatThrownBy(() -> poolOf(connection).run(PooledSessionTest::divideByZero))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("division by zero");

      assertThat(connection.getAutoCommit()).isFalse();
    }
  }

  private static boolean divideByZero(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.execute("SELECT 1 / 0");
    }
  }

  /** A pool that resets nothing: it lends one connection and stays its owner. */
  private static PooledSession poolOf(Connection connection) {
    Connection lent = (Connection) Proxy.newProxyInstance(
        Connection.class.getClassLoader(),
        new Class<?>[] {Connection.class},
        (proxy, method, arguments) -> {
          try {
            return method.getName().equals("close") ? null : method.invoke(connection, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
    DataSource pool = (DataSource) Proxy.newProxyInstance(
        DataSource.class.getClassLoader(),
        new Class<?>[] {DataSource.class},
        (proxy, method, arguments) -> lent);
    return new PooledSession(pool);
  }
}
