package dev.holdfast.benchmarks.writes;

import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The whole list of messages in one row, overwritten at each step, without history: what checkpointers do. */
final class RewritingJdbc implements StepStore {

  static final String TABLES = """
      CREATE TABLE {schema}.rewritten (
        state_id uuid PRIMARY KEY, version bigint NOT NULL, phase text NOT NULL, messages json NOT NULL);""";

  static final String STEP = """
      INSERT INTO {schema}.rewritten AS r (state_id, version, phase, messages)
      VALUES (?, 1, ?, ?::json)
      ON CONFLICT (state_id) DO UPDATE
      SET version = r.version + 1, phase = excluded.phase, messages = excluded.messages""";

  private final Jdbc jdbc;
  private final Schema schema;
  private final Map<String, ArrayNode> conversations = new ConcurrentHashMap<>();

  RewritingJdbc(DataSource pool, Schema schema) {
    this.jdbc = new Jdbc(pool);
    this.schema = schema;
  }

  @Override
  public void prepare(Collection<String> states) {}

  @Override
  public void step(String state, long number, JsonNode message, String phase) throws SQLException {
    ArrayNode messages =
        conversations.computeIfAbsent(state, name -> JsonNodeFactory.instance.arrayNode());
    messages.add(message);
    jdbc.execute(schema.in(STEP), Jdbc.id(state), phase, messages.toString());
  }

  @Override
  public String written() {
    return schema.in("SELECT coalesce(sum(version), 0) FROM {schema}.rewritten");
  }
}
