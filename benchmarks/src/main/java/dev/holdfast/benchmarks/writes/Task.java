package dev.holdfast.benchmarks.writes;

import java.util.Collection;
import java.util.Random;

/** What the threads of a load do over and over. Safe for use by multiple threads. */
public interface Task<S extends Store> {

  /**
   * The states that are written.
   *
   * @param run which run of the load, different for each, also for the same contender
   */
  Collection<String> states(int run);

  /** Writes once. */
  void write(S store, int run, int thread, long number, Random random) throws Exception;
}
