package dev.holdfast.benchmarks.report;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;

/**
 * The middle and the spread of some values. Quantiles lie between two neighbours by linear interpolation (type 7 of Hyndman and Fan, the
 * one of R and of PostgreSQL's {@code percentile_cont}). Immutable.
 *
 * @param count how many values
 * @param lowerQuartile a quarter of the values is at most this
 * @param median the middle
 * @param upperQuartile three quarters of the values are at most this
 */
public record Summary(int count, double lowerQuartile, double median, double upperQuartile) {

  /**
   * The summary of at least one value.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static Summary of(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("There is no median of nothing");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Summary(
        sorted.length, quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75));
  }

  /** The summary of at least one value. */
  public static Summary of(Collection<Double> values) {
    return of(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static double quantile(double[] sorted, double share) {
    double position = share * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }

  /** The median, and the quartiles when there is more than one value and they differ. */
  public String toText() {
    String middle = number(median);
    String spread = number(lowerQuartile) + "–" + number(upperQuartile);
    boolean isPoint = spread.equals(middle + "–" + middle);
    return isPoint ? middle : middle + " (" + spread + ")";
  }

  /** A number with about three significant digits, and all digits of a large one. */
  static String number(double value) {
    double size = Math.abs(value);
    boolean isWhole = Math.abs(value - Math.rint(value)) < 0.005;
    String format = size >= 100 || isWhole ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, format, value);
  }
}
