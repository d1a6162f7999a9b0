package dev.holdfast.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.store.TestingLoan;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
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

  private static PooledSession poolOf(Connection connection) {
    return new PooledSession(TestingLoan.of(connection));
  }
}
