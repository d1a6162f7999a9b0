package dev.holdfast.benchmarks.reads;

import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.Versioned;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The same reads as one writes them by hand: on the tables of Holdfast, and on a table of current values. Safe for use by multiple threads. */
final class JdbcReads {

  static final String TABLES = """
      CREATE TABLE {schema}.current_value (
        state_id uuid, key text COLLATE "C", version bigint NOT NULL, value json NOT NULL, PRIMARY KEY (state_id, key));
      CREATE TABLE {schema}.message (
        state_id uuid, number bigint, message json NOT NULL, PRIMARY KEY (state_id, number))""";

  private static final String NEWEST = """
      SELECT payload, version FROM {schema}.change
      WHERE state_id = ? AND key = ?
      ORDER BY version DESC LIMIT 1""";
  private static final String EXISTS = """
      SELECT form <> 'none' FROM {schema}.change
      WHERE state_id = ? AND key = ?
      ORDER BY version DESC LIMIT 1""";
  private static final String NEWEST_OF_EACH = """
      SELECT DISTINCT ON (key) key, payload FROM {schema}.change
      WHERE state_id = ?
      ORDER BY key, version DESC""";
  private static final String NEWEST_OF_EACH_AT = """
      SELECT DISTINCT ON (key) key, payload FROM {schema}.change
      WHERE state_id = ? AND version <= ?
      ORDER BY key, version DESC""";
  private static final String HISTORY = """
      SELECT version, key, operation, actor, reason, changed_at, payload FROM {schema}.change
      WHERE state_id = ?
      ORDER BY version DESC, key DESC
      LIMIT 100""";
  private static final String VALUE =
      "SELECT value, version FROM {schema}.current_value WHERE state_id = ? AND key = ?";
  private static final String VALUES =
      "SELECT key, value FROM {schema}.current_value WHERE state_id = ? ORDER BY key";
  private static final String MESSAGES =
      "SELECT message FROM {schema}.message WHERE state_id = ? ORDER BY number";

  private final DataSource pool;
  private final String schema;
  private final JsonMapper mapper = JsonMapper.shared();

  JdbcReads(DataSource pool, SchemaName schema) {
    this.pool = pool;
    this.schema = schema.value();
  }

  JsonNode newest(UUID state, String key) throws SQLException {
    return query(NEWEST, this::firstJson, state, key);
  }

  Versioned<JsonNode> newestWithVersion(UUID state, String key) throws SQLException {
    return query(
        NEWEST, result -> new Versioned<>(firstJson(result), result.getLong(2)), state, key);
  }

  boolean exists(UUID state, String key) throws SQLException {
    return query(EXISTS, result -> result.next() && result.getBoolean(1), state, key);
  }

  JsonTexts newestOfEach(UUID state) throws SQLException {
    return query(NEWEST_OF_EACH, JdbcReads::texts, state);
  }

  JsonTexts newestOfEach(UUID state, long version) throws SQLException {
    return query(NEWEST_OF_EACH_AT, JdbcReads::texts, state, version);
  }

  /** Version and key of each change, with everything else read as well. */
  List<String> history(UUID state) throws SQLException {
    return query(HISTORY, JdbcReads::changes, state);
  }

  JsonNode value(UUID state, String key) throws SQLException {
    return query(VALUE, this::firstJson, state, key);
  }

  JsonTexts values(UUID state) throws SQLException {
    return query(VALUES, JdbcReads::texts, state);
  }

  List<JsonNode> messages(UUID state) throws SQLException {
    return query(MESSAGES, this::trees, state);
  }

  private <T> T query(String sql, Rows<T> rows, Object... parameters) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(sql.replace("{schema}", schema))) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      try (ResultSet result = statement.executeQuery()) {
        return rows.read(result);
      }
    }
  }

  private JsonNode firstJson(ResultSet result) throws SQLException {
    if (!result.next()) {
      throw new SQLException("There is no such key");
    }
    return mapper.readTree(result.getString(1));
  }

  private static JsonTexts texts(ResultSet result) throws SQLException {
    Map<String, String> values = new LinkedHashMap<>();
    while (result.next()) {
      values.put(result.getString(1), result.getString(2));
    }
    return new JsonTexts(values);
  }

  private List<JsonNode> trees(ResultSet result) throws SQLException {
    List<JsonNode> trees = new ArrayList<>();
    while (result.next()) {
      trees.add(mapper.readTree(result.getString(1)));
    }
    return trees;
  }

  private static List<String> changes(ResultSet result) throws SQLException {
    List<String> changes = new ArrayList<>();
    while (result.next()) {
      for (int column = 3; column <= 7; column++) {
        result.getString(column);
      }
      changes.add(result.getLong(1) + " " + result.getString(2));
    }
    return changes;
  }

  /** Reads the rows of a result. */
  @FunctionalInterface
  private interface Rows<T> {
    T read(ResultSet result) throws SQLException;
  }
}
