package dev.holdfast.benchmarks.reads;

import dev.holdfast.benchmarks.load.Worker;
import java.util.Random;

/**
 * A way to read something. Immutable.
 *
 * @param name of the contender
 * @param read reads the thing with a number, say the key with that number; what it returns is compared with what the others return
 */
record Reader(String name, Read read) {

  static final String HOLDFAST = "Holdfast";
  static final String JDBC = "JDBC, same tables";
  static final String VALUE_TABLE = "JDBC, table of current values";

  static Reader holdfast(Read read) {
    return new Reader(HOLDFAST, read);
  }

  static Reader jdbc(Read read) {
    return new Reader(JDBC, read);
  }

  static Reader valueTable(Read read) {
    return new Reader(VALUE_TABLE, read);
  }

  /** Reads a random one of several things. */
  Worker worker(int things) {
    return (thread, number, random) -> read.read(random.nextInt(things));
  }

  /** The same, after something that is not timed. */
  Worker worker(int things, Runnable before) {
    return new Worker() {
      @Override
      public void prepare(int thread, long number, Random random) {
        before.run();
      }

      @Override
      public void operate(int thread, long number, Random random) throws Exception {
        read.read(random.nextInt(things));
      }
    };
  }

  /** One read. */
  @FunctionalInterface
  interface Read {
    Object read(int thing) throws Exception;
  }
}
