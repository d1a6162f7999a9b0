package dev.holdfast.benchmarks.report;

/**
 * What is measured under which load. Immutable.
 *
 * @param name the way in which the work is done
 * @param threads how many threads do it at once
 * @param states over how many states it is spread
 */
public record Contender(String name, int threads, int states) {

  /** Checks the numbers. */
  public Contender {
    if (name.isBlank() || threads < 1 || states < 0) {
      throw new IllegalArgumentException(
          "Not a contender: \"" + name + "\", " + threads + " threads, " + states + " states");
    }
  }

  /** In words, for messages. */
  public String toText() {
    return name + ", " + threads + " threads, " + states + " states";
  }

  /** One thread on one state. */
  public static Contender alone(String name) {
    return new Contender(name, 1, 1);
  }
}
