package dev.holdfast.benchmarks.writes;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import tools.jackson.databind.JsonNode;

/** What one writes first: select for update, update the version, upsert the value, insert the history, commit. */
final class NaiveJdbc implements WriteStore {

  static final String TABLES = """
      CREATE TABLE {schema}.naive_state (
        state_id uuid PRIMARY KEY, version bigint NOT NULL, changed_at timestamptz NOT NULL) WITH (fillfactor = 70);
      CREATE TABLE {schema}.naive_value (
        state_id uuid, key text COLLATE "C", version bigint NOT NULL, value json NOT NULL,
        PRIMARY KEY (state_id, key)) WITH (fillfactor = 70);
      CREATE TABLE {schema}.naive_history (
        state_id uuid, key text COLLATE "C", version bigint, value json NOT NULL, actor text, changed_at timestamptz NOT NULL,
        PRIMARY KEY (state_id, key, version));
      CREATE TABLE {schema}.naive_message (
        state_id uuid, version bigint, message json NOT NULL, actor text, changed_at timestamptz NOT NULL,
        PRIMARY KEY (state_id, version));""";

  static final String CREATE =
      "INSERT INTO {schema}.naive_state VALUES (?, 0, clock_timestamp()) ON CONFLICT DO NOTHING";
  static final String LOCK =
      "SELECT version FROM {schema}.naive_state WHERE state_id = ? FOR UPDATE";
  static final String RAISE =
      "UPDATE {schema}.naive_state SET version = ?, changed_at = clock_timestamp() WHERE state_id = ?";
  static final String UPSERT = """
      INSERT INTO {schema}.naive_value (state_id, key, version, value) VALUES (?, ?, ?, ?::json)
      ON CONFLICT (state_id, key) DO UPDATE SET version = excluded.version, value = excluded.value""";
  static final String HISTORY = """
      INSERT INTO {schema}.naive_history (state_id, key, version, value, actor, changed_at)
      VALUES (?, ?, ?, ?::json, ?, clock_timestamp())""";
  static final String MESSAGE = """
      INSERT INTO {schema}.naive_message (state_id, version, message, actor, changed_at)
      VALUES (?, ?, ?::json, ?, clock_timestamp())""";

  private final Jdbc jdbc;
  private final Schema schema;

  NaiveJdbc(DataSource pool, Schema schema) {
    this.jdbc = new Jdbc(pool);
    this.schema = schema;
  }

  @Override
  public void prepare(Collection<String> states) throws SQLException {
    jdbc.executeForEach(schema.in(CREATE), states);
  }

  @Override
  public void set(String state, String key, JsonNode value) throws SQLException {
    UUID id = Jdbc.id(state);
    jdbc.transaction(
        connection -> set(connection, id, raise(connection, id), key, value.toString()));
  }

  private long raise(Connection connection, UUID id) throws SQLException {
    long version = lock(connection, id) + 1;
    Jdbc.execute(connection, schema.in(RAISE), version, id);
    return version;
  }

  private long lock(Connection connection, UUID id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(schema.in(LOCK))) {
      statement.setObject(1, id);
      try (ResultSet result = statement.executeQuery()) {
        result.next();
        return result.getLong(1);
      }
    }
  }

  private void set(Connection connection, UUID id, long version, String key, String value)
      throws SQLException {
    Jdbc.execute(connection, schema.in(UPSERT), id, key, version, value);
    Jdbc.execute(connection, schema.in(HISTORY), id, key, version, value, HoldfastStore.ACTOR);
  }

  @Override
  public void update(String state, Map<String, JsonNode> values) throws SQLException {
    UUID id = Jdbc.id(state);
    jdbc.transaction(connection -> {
      long version = raise(connection, id);
      try (PreparedStatement upsert = connection.prepareStatement(schema.in(UPSERT));
          PreparedStatement history = connection.prepareStatement(schema.in(HISTORY))) {
        for (Map.Entry<String, JsonNode> entry : values.entrySet()) {
          String value = entry.getValue().toString();
          Jdbc.bind(upsert, id, entry.getKey(), version, value);
          upsert.addBatch();
          Jdbc.bind(history, id, entry.getKey(), version, value, HoldfastStore.ACTOR);
          history.addBatch();
        }
        upsert.executeBatch();
        history.executeBatch();
      }
    });
  }

  @Override
  public void step(String state, long number, JsonNode message, String phase) throws SQLException {
    UUID id = Jdbc.id(state);
    jdbc.transaction(connection -> {
      long version = raise(connection, id);
      Jdbc.execute(
          connection, schema.in(MESSAGE), id, version, message.toString(), HoldfastStore.ACTOR);
      set(connection, id, version, "phase", '"' + phase + '"');
    });
  }

  @Override
  public String written() {
    return schema.in("SELECT coalesce(sum(version), 0) FROM {schema}.naive_state");
  }
}
