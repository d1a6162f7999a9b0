package dev.holdfast.effect.breaker;

/** Whether a breaker lets calls through. Immutable. */
public enum BreakerPhase {
  /** Every call is admitted, and its outcome is counted. */
  CLOSED,
  /** No call is admitted, until the open duration of the policy has passed. */
  OPEN,
  /** A limited number of calls, the probes, are admitted to find out whether the dependency is well again. */
  HALF_OPEN
}
