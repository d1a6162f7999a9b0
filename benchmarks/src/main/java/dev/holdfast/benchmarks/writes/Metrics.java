package dev.holdfast.benchmarks.writes;

import dev.holdfast.benchmarks.report.Metric;

/**
 * What is measured about a write. Immutable.
 *
 * @param operation what one write is called in the tables
 */
record Metrics(String operation) {

  Metric throughput() {
    return new Metric(operation, "1/s");
  }

  /** Throughput as a multiple of the floor's in the same round. */
  Metric ofFloor() {
    return new Metric(operation + " / floor", "");
  }

  Metric mean() {
    return Metric.millis(operation + " mean");
  }

  Metric percentile(int percent) {
    return Metric.millis(operation + " p" + percent);
  }

  Metric roundTrips() {
    return new Metric("round trips per " + operation, "");
  }

  Metric commits() {
    return new Metric("commits per " + operation, "");
  }

  Metric wal() {
    return new Metric("WAL per " + operation, "B");
  }

  Metric images() {
    return new Metric("page images per " + operation, "B");
  }

  Metric pool() {
    return new Metric("pool", "");
  }

  Metric trial(int connections) {
    return new Metric(operation + ", pool of " + connections, "1/s");
  }
}
