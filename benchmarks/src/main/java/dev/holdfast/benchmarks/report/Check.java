package dev.holdfast.benchmarks.report;

import java.util.List;

/**
 * A requirement on a number that was measured. Immutable.
 *
 * @param requirement what is required, in words
 * @param unit of the numbers
 * @param bound on which side of the limit the measured value has to be
 * @param limit the outermost value that is allowed
 * @param measured what was found
 */
public record Check(String requirement, String unit, Bound bound, double limit, double measured) {

  static final List<String> HEADER = List.of("requirement", "target", "measured", "verdict");

  /** Must not exceed the limit. */
  public static Check atMost(String requirement, String unit, double limit, double measured) {
    return new Check(requirement, unit, Bound.AT_MOST, limit, measured);
  }

  /** Must not fall below the limit. */
  public static Check atLeast(String requirement, String unit, double limit, double measured) {
    return new Check(requirement, unit, Bound.AT_LEAST, limit, measured);
  }

  /** Whether the requirement is met. */
  public boolean isMet() {
    return bound == Bound.AT_MOST ? measured <= limit : measured >= limit;
  }

  /** The table of several requirements with its title, ending in an empty line; the empty text when there is none. */
  public static String toMarkdown(List<Check> checks) {
    if (checks.isEmpty()) {
      return "";
    }
    MarkdownTable table = new MarkdownTable(HEADER);
    checks.forEach(check -> table.add(check.row()));
    return "### Requirements\n\n" + table + "\n\n";
  }

  List<String> row() {
    return List.of(
        requirement,
        bound.words() + " " + withUnit(limit),
        withUnit(measured),
        isMet() ? "PASS" : "MISS");
  }

  private String withUnit(double value) {
    return (Summary.number(value) + " " + unit).strip();
  }

  /** A side of a limit. */
  public enum Bound {
    /** The limit is the largest value that is allowed. */
    AT_MOST,
    /** The limit is the smallest value that is allowed. */
    AT_LEAST;

    private String words() {
      return this == AT_MOST ? "at most" : "at least";
    }
  }
}
