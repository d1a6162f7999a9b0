package dev.holdfast.effect.internal;

/** How an operation stands. */
enum OperationStatus {
  /** It may be under way. */
  INTENDED,
  SUCCEEDED,
  /** It had no effect; of a scope, that it is, or was, undone. */
  FAILED,
  /** Whether it had an effect is not known. */
  UNKNOWN,
  COMPENSATED,
  COMPENSATION_FAILED,
  /** It cannot be compensated, or somebody decided to leave it. */
  SKIPPED;

  /** Whether it says how it ended that the operation was to be undone, rather than how the operation stands. */
  boolean isOfCompensation() {
    return this == COMPENSATED || this == COMPENSATION_FAILED || this == SKIPPED;
  }

  /** Whether it is undone when the effect transaction is rolled back. */
  boolean mayNeedCompensation() {
    return this == INTENDED || this == SUCCEEDED || this == UNKNOWN;
  }
}
