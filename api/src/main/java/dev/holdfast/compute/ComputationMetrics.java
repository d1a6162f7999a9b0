package dev.holdfast.compute;

import java.time.Duration;

/**
 * How often a function was computed in this process, and how long that took. Immutable copy; the numbers belong to one instant.
 *
 * @param total how often it was computed, cached results not counted
 * @param successes how often with a result
 * @param errors how often it threw
 * @param cacheHits how often a result was there already
 * @param shortest of all computations; zero when there were none
 * @param average of all computations; zero when there were none
 * @param longest of all computations; zero when there were none
 */
public record ComputationMetrics(
    long total,
    long successes,
    long errors,
    long cacheHits,
    Duration shortest,
    Duration average,
    Duration longest) {}
