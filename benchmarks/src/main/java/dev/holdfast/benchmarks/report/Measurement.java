package dev.holdfast.benchmarks.report;

import java.math.BigDecimal;
import java.math.MathContext;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One value of one round. Immutable.
 *
 * @param contender what was measured
 * @param metric what about it
 * @param round counted from 1
 * @param value in the unit of the metric
 */
public record Measurement(Contender contender, Metric metric, int round, double value) {

  /** Checks the numbers. */
  public Measurement {
    if (round < 1 || !Double.isFinite(value)) {
      throw new IllegalArgumentException("Not a measurement: round " + round + ", value " + value);
    }
  }

  /** Seven significant digits are more than any of these values has, and keep the lines short. */
  private static double rounded(double value) {
    return new BigDecimal(value).round(new MathContext(7)).doubleValue();
  }

  /** One line of a results file, without its end. */
  String toJsonLine(String suite) {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("suite", suite);
    line.put("contender", contender.name());
    line.put("threads", contender.threads());
    line.put("states", contender.states());
    line.put("metric", metric.name());
    line.put("unit", metric.unit());
    line.put("round", round);
    line.put("value", rounded(value));
    return line.toString();
  }
}
