package dev.holdfast.benchmarks.report;

/** How a section becomes a table. */
public enum Layout {
  /** One row per contender, one column per metric. */
  CONTENDERS_DOWN,
  /** One row per metric, one column per contender; for many metrics of few contenders. */
  METRICS_DOWN
}
