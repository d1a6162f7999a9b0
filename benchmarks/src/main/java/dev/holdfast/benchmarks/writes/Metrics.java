package dev.holdfast.benchmarks.writes;

import dev.holdfast.benchmarks.report.Metric;

/**
 * What is measured about a write. Immutable.
 *
 * @param operation what one write is called in the tables
 */
public record Metrics(String operation) {

  /** How many in a second. */
  public Metric throughput() {
    return new Metric(operation, "1/s");
  }

  /** Throughput as a multiple of the floor's in the same round. */
  public Metric ofFloor() {
    return new Metric(operation + " / floor", "");
  }

  /** The mean time of one. */
  public Metric mean() {
    return Metric.millis(operation + " mean");
  }

  /** The time within which so many percent were done. */
  public Metric percentile(int percent) {
    return Metric.millis(operation + " p" + percent);
  }

  /** How often the client waited for the server. */
  public Metric roundTrips() {
    return new Metric("round trips per " + operation, "");
  }

  /** Transactions that took a number. */
  public Metric commits() {
    return new Metric("commits per " + operation, "");
  }

  /** Write-ahead log without images of whole pages. */
  public Metric wal() {
    return new Metric("WAL per " + operation, "B");
  }

  /** Images of whole pages in the write-ahead log. */
  public Metric images() {
    return new Metric("page images per " + operation, "B");
  }

  /** Connections of the pool. */
  public Metric pool() {
    return new Metric("pool", "");
  }

  /** Throughput with a pool of that size, when sizes were compared. */
  public Metric trial(int connections) {
    return new Metric(operation + ", pool of " + connections, "1/s");
  }
}
