package dev.holdfast.benchmarks.plot;

import java.util.ArrayList;
import java.util.List;

/**
 * Says how high a value is drawn, and which values get a line across the plot. Immutable.
 *
 * @param isLogarithmic whether equal heights are equal factors instead of equal differences
 * @param low the value at the bottom
 * @param high the value at the top
 * @param step the difference, or the factor, between two lines
 */
record Scale(boolean isLogarithmic, double low, double high, double step) {

  private static final int LINES = 5;

  /** From zero to a little above the largest value. */
  static Scale linear(double largest) {
    double step = step(largest);
    return new Scale(false, 0, step * Math.ceil(largest * 1.05 / step), step);
  }

  /** The whole powers of ten around the values, which are positive. */
  static Scale logarithmic(double smallest, double largest) {
    double low = Math.floor(Math.log10(smallest) - 0.05);
    double high = Math.ceil(Math.log10(largest) + 0.05);
    return new Scale(true, Math.pow(10, low), Math.pow(10, high), 10);
  }

  /** 1, 2 or 5 times a power of ten, so that about {@value #LINES} lines fit. */
  private static double step(double largest) {
    double rough = largest / LINES;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double times = rough / power;
    return power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
  }

  /** How high a value is, from 0 at the bottom to 1 at the top; what lies outside is drawn at the edge. */
  double height(double value) {
    double share =
        isLogarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    return Math.min(1, Math.max(0, share));
  }

  /** The values that get a line, from the bottom to the top. */
  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    if (isLogarithmic) {
      for (double tick = low; tick <= high * 1.001; tick *= step) {
        ticks.add(tick);
      }
    } else {
      for (int i = 0; i * step <= high * 1.001; i++) {
        ticks.add(i * step);
      }
    }
    return ticks;
  }
}
