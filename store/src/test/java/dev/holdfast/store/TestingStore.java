package dev.holdfast.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.store.json.Codec;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;

/** A store on a small pool over the database of a test class; every state it makes is a new one. Safe for use by multiple threads. */
final class TestingStore implements AutoCloseable {

  private static final String NAMESPACE = "test";
  private static final int CONNECTIONS = 12;

  private final TestDatabase database;
  private final HikariDataSource pool;
  private final StateStore store;

  private TestingStore(
      TestDatabase database, TestingDoor door, UnaryOperator<StateStore.Builder> settings) {
    this.database = database;
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.jdbcUrl());
    config.setUsername(database.libraryUser());
    config.setPassword(database.libraryPassword());
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(1);
    this.pool = new HikariDataSource(config);
    this.store = settings
        .apply(StateStore.builder(door.before(pool)).schema(database.schema()))
        .build();
  }

  static TestingStore on(TestDatabase database) {
    return on(database, UnaryOperator.identity());
  }

  static TestingStore on(TestDatabase database, UnaryOperator<StateStore.Builder> settings) {
    return new TestingStore(database, new TestingDoor(), settings);
  }

  /** A store whose connections can be held back. */
  static TestingStore behind(
      TestingDoor door, TestDatabase database, UnaryOperator<StateStore.Builder> settings) {
    return new TestingStore(database, door, settings);
  }

  /** A store of its own on the same database, as another process would have. */
  TestingStore another() {
    return on(database);
  }

  StateStore store() {
    return store;
  }

  State<JsonNode> state() {
    return store.state(NAMESPACE, newName());
  }

  <V> State<V> state(Class<V> type) {
    return store.state(NAMESPACE, newName(), type);
  }

  <V> State<V> state(Codec<V> codec) {
    return store.state(NAMESPACE, newName(), codec);
  }

  static String newName() {
    return UUID.randomUUID().toString();
  }

  /** A connection of the pool. */
  Connection connection() throws SQLException {
    return pool.getConnection();
  }

  /** As the owner of the tables. */
  void execute(String sql) {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError("The statement failed: " + sql, e);
    }
  }

  /** The first column of a query as text, asked by the owner of the tables; a parameter is a text, a whole number or a UUID. */
  List<String> query(String sql, Object... parameters) {
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      return firstColumn(statement);
    } catch (SQLException e) {
      throw new AssertionError("The query failed: " + sql, e);
    }
  }

  private static List<String> firstColumn(PreparedStatement statement) throws SQLException {
    List<String> column = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        column.add(rows.getString(1));
      }
    }
    return column;
  }

  @Override
  public void close() {
    store.close();
    pool.close();
  }
}
