package dev.holdfast.benchmarks.writes;

import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import javax.sql.DataSource;
import tools.jackson.databind.JsonNode;

/** One call of a PL/pgSQL function per write, which raises the version, keeps the current value and inserts the history. */
final class OneFunction implements WriteStore {

  static final String TABLES = """
      CREATE TABLE {schema}.function_state (
        state_id uuid PRIMARY KEY, version bigint NOT NULL, changed_at timestamptz NOT NULL) WITH (fillfactor = 70);
      CREATE TABLE {schema}.function_value (
        state_id uuid, key text COLLATE "C", version bigint NOT NULL, value json NOT NULL,
        PRIMARY KEY (state_id, key)) WITH (fillfactor = 70);
      CREATE TABLE {schema}.function_history (
        state_id uuid, key text COLLATE "C", version bigint, value json NOT NULL, actor text, changed_at timestamptz NOT NULL,
        PRIMARY KEY (state_id, key, version));
      CREATE TABLE {schema}.function_message (
        state_id uuid, version bigint, message json NOT NULL, actor text, changed_at timestamptz NOT NULL,
        PRIMARY KEY (state_id, version));""";

  static final String FUNCTIONS = """
      CREATE FUNCTION {schema}.set_one(state uuid, set_key text, set_value json, set_by text) RETURNS bigint LANGUAGE plpgsql AS $$
      DECLARE
        new_version bigint;
      BEGIN
        UPDATE {schema}.function_state SET version = version + 1, changed_at = clock_timestamp()
        WHERE state_id = state RETURNING version INTO new_version;
        INSERT INTO {schema}.function_value (state_id, key, version, value)
        VALUES (state, set_key, new_version, set_value)
        ON CONFLICT (state_id, key) DO UPDATE SET version = excluded.version, value = excluded.value;
        INSERT INTO {schema}.function_history (state_id, key, version, value, actor, changed_at)
        VALUES (state, set_key, new_version, set_value, set_by, clock_timestamp());
        RETURN new_version;
      END $$;
      CREATE FUNCTION {schema}.set_many(state uuid, set_by text, keys text[], vals text[]) RETURNS bigint LANGUAGE plpgsql AS $$
      DECLARE
        new_version bigint;
      BEGIN
        UPDATE {schema}.function_state SET version = version + 1, changed_at = clock_timestamp()
        WHERE state_id = state RETURNING version INTO new_version;
        INSERT INTO {schema}.function_value (state_id, key, version, value)
        SELECT state, i.key, new_version, i.value::json FROM unnest(keys, vals) AS i (key, value)
        ON CONFLICT (state_id, key) DO UPDATE SET version = excluded.version, value = excluded.value;
        INSERT INTO {schema}.function_history (state_id, key, version, value, actor, changed_at)
        SELECT state, i.key, new_version, i.value::json, set_by, clock_timestamp() FROM unnest(keys, vals) AS i (key, value);
        RETURN new_version;
      END $$;
      CREATE FUNCTION {schema}.step(state uuid, new_message json, phase json, set_by text) RETURNS bigint LANGUAGE plpgsql AS $$
      DECLARE
        new_version bigint;
      BEGIN
        new_version := {schema}.set_one(state, 'phase', phase, set_by);
        INSERT INTO {schema}.function_message (state_id, version, message, actor, changed_at)
        VALUES (state, new_version, new_message, set_by, clock_timestamp());
        RETURN new_version;
      END $$;""";

  static final String CREATE =
      "INSERT INTO {schema}.function_state VALUES (?, 0, clock_timestamp()) ON CONFLICT DO NOTHING";
  static final String SET = "SELECT {schema}.set_one(?, ?, ?::json, ?)";
  static final String UPDATE = "SELECT {schema}.set_many(?, ?, ?, ?)";
  static final String STEP = "SELECT {schema}.step(?, ?::json, ?::json, ?)";

  private final Jdbc jdbc;
  private final Schema schema;

  OneFunction(DataSource pool, Schema schema) {
    this.jdbc = new Jdbc(pool);
    this.schema = schema;
  }

  @Override
  public void prepare(Collection<String> states) throws SQLException {
    jdbc.executeForEach(schema.in(CREATE), states);
  }

  @Override
  public void set(String state, String key, JsonNode value) throws SQLException {
    jdbc.execute(schema.in(SET), Jdbc.id(state), key, value.toString(), HoldfastStore.ACTOR);
  }

  @Override
  public void update(String state, Map<String, JsonNode> values) throws SQLException {
    jdbc.executeMany(schema.in(UPDATE), values, Jdbc.id(state), HoldfastStore.ACTOR);
  }

  @Override
  public void step(String state, long number, JsonNode message, String phase) throws SQLException {
    jdbc.execute(
        schema.in(STEP),
        Jdbc.id(state),
        message.toString(),
        '"' + phase + '"',
        HoldfastStore.ACTOR);
  }

  @Override
  public String written() {
    return schema.in("SELECT coalesce(sum(version), 0) FROM {schema}.function_state");
  }
}
