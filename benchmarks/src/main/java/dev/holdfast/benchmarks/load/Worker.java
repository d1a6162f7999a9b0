package dev.holdfast.benchmarks.load;

import java.util.Random;

/** One operation under load. Called by many threads at once. */
@FunctionalInterface
public interface Worker {

  /** Happens before each operation and is no part of its latency; nothing by default. */
  default void prepare(int thread, long number, Random random) throws Exception {}

  /**
   * Does the operation once and returns when it is done.
   *
   * @param thread which thread calls, counted from 0
   * @param number how many operations this thread has done before in this phase
   * @param random of this thread alone
   */
  void operate(int thread, long number, Random random) throws Exception;
}
