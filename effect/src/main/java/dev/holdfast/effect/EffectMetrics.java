package dev.holdfast.effect;

/**
 * How effect transactions went in this process, counted since it was opened. Immutable copy; the numbers are read one after the other, so
 * under load they need not belong to one instant.
 *
 * @param started bodies that were begun or resumed
 * @param committed bodies whose result was recorded
 * @param rolledBack effect transactions that were rolled back without a failure
 * @param rollbackFailed effect transactions of which some compensation failed
 * @param rollbackFailures compensations that failed, scopes' not counted
 * @param recovered effect transactions that were taken over from a process that gave no sign of life, and rolled back
 * @param resumed effect transactions that were taken over from a process that gave no sign of life, and gone on with
 */
public record EffectMetrics(
    long started,
    long committed,
    long rolledBack,
    long rollbackFailed,
    long rollbackFailures,
    long recovered,
    long resumed) {}
