package dev.holdfast.effect.retry;

import java.util.random.RandomGenerator;

/** Always the same share of what is asked for: 0 gives the least, 1 the most. */
record TestingRandom(double share) implements RandomGenerator {

  @Override
  public long nextLong() {
    throw new AssertionError("only bounded numbers are expected");
  }

  @Override
  public long nextLong(long bound) {
    return Math.round((bound - 1) * share);
  }
}
