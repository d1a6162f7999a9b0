package dev.holdfast.effect.breaker;

/** What the end of a call says about the dependency that was called. Immutable. */
public enum CallOutcome {
  /** The dependency works; also the outcome of a call that failed for a reason that shows so, say a refused request. */
  SUCCESS,
  /** The dependency does not work. */
  FAILURE,
  /** Nothing: the call was given up, or never reached the dependency. */
  IGNORED
}
