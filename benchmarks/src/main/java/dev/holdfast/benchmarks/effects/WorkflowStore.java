package dev.holdfast.benchmarks.effects;

import dev.holdfast.benchmarks.writes.Store;
import java.util.Collection;

/**
 * A way to do {@value #OPERATIONS} operations one after the other, the outcome of each durable before the next one begins, and to record the
 * result. The operations do nothing but answer. Safe for use by multiple threads.
 */
interface WorkflowStore extends Store {

  /** How many operations a workflow has. */
  int OPERATIONS = 3;

  /** What a workflow has to return: one letter an operation. */
  String RESULT = "abc";

  /**
   * Does a workflow whose id was never used before, and returns when its result is durable.
   *
   * @return {@value #RESULT}
   */
  String run(String id) throws Exception;

  /** What an operation answers. */
  static String answer(int number) {
    return RESULT.substring(number, number + 1);
  }

  /** Nothing has to be there before. */
  @Override
  default void prepare(Collection<String> states) {}
}
