package dev.holdfast.benchmarks.writes;

import dev.holdfast.store.StateId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import javax.sql.DataSource;
import tools.jackson.databind.JsonNode;

/** What the ways written by hand share: statements on a pool, and the identities of states. Safe for use by multiple threads. */
final class Jdbc {

  private final DataSource pool;

  Jdbc(DataSource pool) {
    this.pool = pool;
  }

  /** The same identity that Holdfast gives a state, so that the keys of all ways are equally long and equally random. */
  static UUID id(String state) {
    return new StateId(HoldfastStore.NAMESPACE, state).uuid();
  }

  /** One statement, committed at once. */
  void execute(String sql, Object... parameters) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      execute(connection, sql, parameters);
    }
  }

  /** One statement with two arrays of texts after its parameters: the keys and the values of a map. */
  void executeMany(String sql, Map<String, JsonNode> values, Object... parameters)
      throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      bindArray(statement, parameters.length + 1, "text", values.keySet().stream());
      bindArray(
          statement,
          parameters.length + 2,
          "text",
          values.values().stream().map(JsonNode::toString));
      statement.execute();
    }
  }

  /** One statement for each of several states, its only parameter their identity. */
  void executeForEach(String sql, Collection<String> states) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (String state : states) {
        statement.setObject(1, id(state));
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /** Several statements that are committed together. */
  void transaction(Work work) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      try {
        work.run(connection);
        connection.commit();
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    }
  }

  static void execute(Connection connection, String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      statement.execute();
    }
  }

  static void bind(PreparedStatement statement, Object... parameters) throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
  }

  static void bindArray(PreparedStatement statement, int index, String type, Stream<?> values)
      throws SQLException {
    statement.setArray(index, statement.getConnection().createArrayOf(type, values.toArray()));
  }

  /** What happens within a transaction. */
  @FunctionalInterface
  interface Work {
    void run(Connection connection) throws SQLException;
  }
}
