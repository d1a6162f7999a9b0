package dev.holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.migrations.Migrations;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Not every pool looks after what is given back: the connection that the roles are granted on is left as it came. */
@HoldfastTest
final class GrantRolesTest {

  private static final String LOCKS =
      "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
          + " (SELECT oid FROM pg_database WHERE datname = current_database())";

  private final TestDatabase database;

  GrantRolesTest(TestDatabase database) {
    this.database = database;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void leavesTheConnectionAsItCame(boolean autoCommit) throws SQLException {
    try (Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(autoCommit);
      connection.setReadOnly(true);

      Migrations.of(TestingLoan.of(connection), database.schema()).grantRoles();

      assertLeft(connection, autoCommit);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void leavesTheConnectionAsItCameWhenItFails(boolean autoCommit) throws SQLException {
    try (Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(autoCommit);
      connection.setReadOnly(true);
      Migrations nowhere = Migrations.of(TestingLoan.of(connection), new SchemaName("nowhere"));

      assertThatThrownBy(nowhere::grantRoles)
          .isInstanceOf(HoldfastException.class)
          .hasMessageContaining("nowhere");

      assertLeft(connection, autoCommit);
    }
  }

  private void assertLeft(Connection connection, boolean autoCommit) throws SQLException {
    assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
    assertThat(connection.isReadOnly()).isTrue();
    assertThat(database.queryLong(LOCKS)).as("the lock is given back").isZero();
  }
}
