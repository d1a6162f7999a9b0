package dev.holdfast.effect.rollback;

/** Why an operation could not be compensated. Immutable; new codes may be added in any release. */
public enum RollbackFailureCode {
  /** The compensation failed. */
  COMPENSATION_FAILED,
  /** It could not be found out whether the operation had an effect, and the handler cannot compensate without knowing. */
  OUTCOME_UNKNOWN,
  /** The process has no handler of that name. */
  HANDLER_MISSING,
  /** A step changed keys that somebody else has changed since, so they were not restored. */
  CHANGED_SINCE
}
