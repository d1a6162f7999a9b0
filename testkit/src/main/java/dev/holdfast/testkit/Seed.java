package dev.holdfast.testkit;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Seeds for tests with random input, printed so that a failure can be run again. Stateless and safe for use by several threads.
 */
public final class Seed {

  private static final String PROPERTY = "holdfast.seed";

  private Seed() {}

  /**
   * A seed, printed to standard output as {@code seed name=...}: the value of the system property {@code holdfast.seed} when it is
   * set, the same for every name, otherwise a random one.
   *
   * @param name what the seed is for
   * @throws IllegalArgumentException when the property is not a whole number
   */
  public static long next(String name) {
    String replayed = System.getProperty(PROPERTY, "").strip();
    long seed = replayed.isEmpty() ? ThreadLocalRandom.current().nextLong() : parse(replayed);
    System.out.println(
        "seed " + name + "=" + seed + " (run again with -D" + PROPERTY + "=" + seed + ")");
    return seed;
  }

  private static long parse(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "The system property " + PROPERTY + " must be a whole number, found \"" + text + "\"", e);
    }
  }
}
