package dev.holdfast.benchmarks.report;

/**
 * What is measured about a contender. Immutable.
 *
 * @param name what it is
 * @param unit of its values
 */
public record Metric(String name, String unit) {

  /** A time in milliseconds. */
  public static Metric millis(String name) {
    return new Metric(name, "ms");
  }

  /** The head of a column of a table. */
  String title() {
    return unit.isEmpty() ? name : name + " [" + unit + "]";
  }
}
