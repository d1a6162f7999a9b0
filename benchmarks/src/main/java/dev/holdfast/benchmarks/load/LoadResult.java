package dev.holdfast.benchmarks.load;

import org.HdrHistogram.Histogram;

/**
 * What a load did. Immutable as long as nobody records into the histogram.
 *
 * @param operations that were begun and completed
 * @param seconds from the common start until the last operation was completed
 * @param latencies of the operations in nanoseconds, as the calling thread saw them
 */
public record LoadResult(long operations, double seconds, Histogram latencies) {

  /** Operations a second. */
  public double throughput() {
    return operations / seconds;
  }

  /** The mean time of an operation in milliseconds. */
  public double meanMillis() {
    return latencies.getMean() / 1e6;
  }

  /** The time in milliseconds within which so many percent of the operations were completed. */
  public double percentileMillis(double percent) {
    return latencies.getValueAtPercentile(percent) / 1e6;
  }
}
