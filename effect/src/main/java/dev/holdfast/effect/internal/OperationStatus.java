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

  /** Whether it is undone when the effect transaction is rolled back. */
  boolean mayNeedCompensation() {
    return this == INTENDED || this == SUCCEEDED || this == UNKNOWN;
  }
}
