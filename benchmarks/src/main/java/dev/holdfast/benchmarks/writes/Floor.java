package dev.holdfast.benchmarks.writes;

import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import tools.jackson.databind.JsonNode;

/** The floor: one bare insert per commit, with neither versions nor current values. */
final class Floor implements WriteStore {

  static final String TABLES = """
      CREATE TABLE {schema}.floor (id bigint PRIMARY KEY, payload json NOT NULL);
      CREATE TABLE {schema}.floor_row (
        state_id uuid, key text COLLATE "C", version bigint, payload json NOT NULL,
        PRIMARY KEY (state_id, key, version));""";

  static final String INSERT = "INSERT INTO {schema}.floor (id, payload) VALUES (?, ?::json)";

  static final String INSERT_MANY = """
      INSERT INTO {schema}.floor_row (state_id, key, version, payload)
      SELECT ?, i.key, ?, i.payload::json
      FROM unnest(?::text[], ?::text[]) AS i (key, payload)""";

  private final Jdbc jdbc;
  private final Schema schema;
  private final AtomicLong next;

  Floor(DataSource pool, Schema schema) {
    this.jdbc = new Jdbc(pool);
    this.schema = schema;
    this.next = schema.floorIds();
  }

  @Override
  public void prepare(Collection<String> states) {}

  @Override
  public void set(String state, String key, JsonNode value) throws SQLException {
    jdbc.execute(schema.in(INSERT), next.getAndIncrement(), value.toString());
  }

  @Override
  public void update(String state, Map<String, JsonNode> values) throws SQLException {
    jdbc.executeMany(schema.in(INSERT_MANY), values, Jdbc.id(state), next.getAndIncrement());
  }

  @Override
  public void step(String state, long number, JsonNode message, String phase) throws SQLException {
    set(state, "message", message);
  }

  @Override
  public String written() {
    return schema.in(
        "SELECT (SELECT count(*) FROM {schema}.floor) + (SELECT count(DISTINCT version) FROM {schema}.floor_row)");
  }
}
