package dev.holdfast.benchmarks.report;

import java.util.List;

/**
 * A requirement: what was measured must not exceed a limit. Immutable.
 *
 * @param requirement what is required, in words
 * @param unit of the numbers
 * @param limit the largest value that is allowed
 * @param measured what was found
 */
public record Check(String requirement, String unit, double limit, double measured) {

  static final List<String> HEADER = List.of("requirement", "at most", "measured", "verdict");

  /** Whether the requirement is met. */
  public boolean isPassed() {
    return measured <= limit;
  }

  List<String> row() {
    return List.of(requirement, withUnit(limit), withUnit(measured), isPassed() ? "PASS" : "FAIL");
  }

  private String withUnit(double value) {
    return (Summary.number(value) + " " + unit).strip();
  }
}
