package dev.holdfast.benchmarks.writes;

import java.sql.SQLException;
import tools.jackson.databind.JsonNode;

/** A way to keep conversations. Each call is durable when it returns. Safe for use by multiple threads, one a conversation. */
interface StepStore extends Store {

  /**
   * Appends a message to a conversation and sets its phase, together.
   *
   * @param number of the step, counted from 1
   */
  void step(String state, long number, JsonNode message, String phase) throws SQLException;
}
