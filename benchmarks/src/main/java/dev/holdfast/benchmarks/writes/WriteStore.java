package dev.holdfast.benchmarks.writes;

import java.sql.SQLException;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A way to keep states that are maps of keys to values. Each call is durable when it returns. Safe for use by multiple threads. */
interface WriteStore extends StepStore {

  /** Sets one key. */
  void set(String state, String key, JsonNode value) throws SQLException;

  /** Sets several keys together. */
  void update(String state, Map<String, JsonNode> values) throws SQLException;
}
