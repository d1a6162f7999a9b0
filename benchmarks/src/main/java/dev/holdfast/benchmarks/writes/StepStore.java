package dev.holdfast.benchmarks.writes;

import java.sql.SQLException;
import java.util.Collection;
import tools.jackson.databind.JsonNode;

/** A way to keep conversations. Each call is durable when it returns. Safe for use by multiple threads, one a conversation. */
interface StepStore extends AutoCloseable {

  /** Makes the rows that must be there before these states can be written; not timed. */
  void prepare(Collection<String> states) throws SQLException;

  /**
   * Appends a message to a conversation and sets its phase, together.
   *
   * @param number of the step, counted from 1
   */
  void step(String state, long number, JsonNode message, String phase) throws SQLException;

  /** A query for a number that grows by exactly 1 with every call that wrote. */
  String written();

  @Override
  default void close() {}
}
