package dev.holdfast.event;

/**
 * How events went, counted once for each listener. Immutable.
 *
 * @param published how often an event was published
 * @param delivered how often a listener took one
 * @param failedAttempts how often a listener threw
 * @param undelivered how often a listener did not get one
 */
public record EventBusMetrics(
    long published, long delivered, long failedAttempts, long undelivered) {}
