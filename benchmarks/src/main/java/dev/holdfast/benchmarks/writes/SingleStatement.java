package dev.holdfast.benchmarks.writes;

import java.sql.SQLException;
import java.util.Collection;
import javax.sql.DataSource;
import tools.jackson.databind.JsonNode;

/** A table made for conversations, written by one statement a step: what one tunes by hand for this one purpose. */
final class SingleStatement implements StepStore {

  static final String TABLES = """
      CREATE TABLE {schema}.tailored_conversation (
        state_id uuid PRIMARY KEY, version bigint NOT NULL, phase text NOT NULL, changed_at timestamptz NOT NULL
      ) WITH (fillfactor = 70);
      CREATE TABLE {schema}.tailored_message (
        state_id uuid, version bigint, phase text NOT NULL, message json NOT NULL, actor text, changed_at timestamptz NOT NULL,
        PRIMARY KEY (state_id, version));""";

  static final String STEP = """
      WITH head AS (
        INSERT INTO {schema}.tailored_conversation AS c (state_id, version, phase, changed_at)
        VALUES (?, 1, ?, clock_timestamp())
        ON CONFLICT (state_id) DO UPDATE
        SET version = c.version + 1, phase = excluded.phase, changed_at = excluded.changed_at
        RETURNING state_id, version, phase, changed_at)
      INSERT INTO {schema}.tailored_message (state_id, version, phase, message, actor, changed_at)
      SELECT state_id, version, phase, ?::json, ?, changed_at
      FROM head""";

  private final Jdbc jdbc;
  private final Schema schema;

  SingleStatement(DataSource pool, Schema schema) {
    this.jdbc = new Jdbc(pool);
    this.schema = schema;
  }

  @Override
  public void prepare(Collection<String> states) {}

  @Override
  public void step(String state, long number, JsonNode message, String phase) throws SQLException {
    jdbc.execute(schema.in(STEP), Jdbc.id(state), phase, message.toString(), HoldfastStore.ACTOR);
  }

  @Override
  public String written() {
    return schema.in("SELECT coalesce(sum(version), 0) FROM {schema}.tailored_conversation");
  }
}
