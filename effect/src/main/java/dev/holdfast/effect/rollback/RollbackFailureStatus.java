package dev.holdfast.effect.rollback;

/** How a rollback failure stands. Immutable. */
public enum RollbackFailureStatus {
  /** Somebody has to look at it. */
  OPEN,
  /** An attempt to compensate is under way; open again when its process dies. */
  RETRYING,
  /** Compensated, by a retry or by a person. */
  RESOLVED,
  /** Left as it is; somebody decided so. */
  SKIPPED
}
