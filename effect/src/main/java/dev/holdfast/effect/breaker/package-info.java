/**
 * Breakers: they stop calls to a dependency that keeps failing, and let a few through after a while to see whether it is well again.
 *
 * <p>Read {@link dev.holdfast.effect.breaker.CircuitBreaker} first, which is what an application calls. The rules are in {@link
 * dev.holdfast.effect.breaker.Breaker}, pure functions from one {@link dev.holdfast.effect.breaker.BreakerState} to the next; the
 * numbers are in {@link dev.holdfast.effect.breaker.BreakerPolicy}. A state has everything a row needs to be compared and set, but
 * nothing here writes one yet: a breaker lives in one process, unless the application keeps its state.
 */
@NullMarked
package dev.holdfast.effect.breaker;

import org.jspecify.annotations.NullMarked;
