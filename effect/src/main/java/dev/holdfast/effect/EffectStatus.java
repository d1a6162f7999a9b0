package dev.holdfast.effect;

/** How an effect transaction stands. Immutable. */
public enum EffectStatus {
  /** A run goes on with it, or its process ended and another will take over. */
  RUNNING,
  /** Everything was done, and the result is recorded. */
  COMMITTED,
  /** Completed operations are being compensated. */
  COMPENSATING,
  /** Every completed operation was compensated. */
  ROLLED_BACK,
  /** It was rolled back, but some compensations failed; see {@link dev.holdfast.effect.rollback.RollbackFailures}. */
  ROLLBACK_FAILED,
  /** Those failures have been settled since, by a retry or by a person. */
  RESOLVED;

  /** Whether nothing will be done any more by itself. */
  public boolean isEnd() {
    return this != RUNNING && this != COMPENSATING;
  }
}
