package dev.holdfast.effect;

import java.time.Duration;

/**
 * What is left to do for all processes together. Immutable.
 *
 * @param abandoned effect transactions whose process gives no sign of life and that nobody has taken over yet, counted up to 10,000
 * @param oldest for how long the oldest of them has been without an owner; zero when there is none
 * @param openRollbackFailures rollback failures that are not settled, counted up to 10,000
 */
public record EffectBacklog(long abandoned, Duration oldest, long openRollbackFailures) {}
