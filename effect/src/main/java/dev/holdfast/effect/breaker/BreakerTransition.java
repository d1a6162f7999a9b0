package dev.holdfast.effect.breaker;

/**
 * A breaker went from one phase to the next, or was forced to begin its phase again. Immutable.
 *
 * @param name the name of the breaker
 * @param before the last state of the phase that ended
 * @param after the first state of the phase that began; its {@link BreakerState#epoch()} puts transitions in order
 */
public record BreakerTransition(String name, BreakerState before, BreakerState after) {}
