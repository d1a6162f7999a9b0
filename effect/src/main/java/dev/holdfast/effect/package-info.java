/**
 * Work in the outside world that is journaled and compensated as a whole.
 *
 * <p>Read {@link dev.holdfast.effect.Effects} first, then {@link dev.holdfast.effect.EffectTransaction}, which a body is given. Handlers
 * are in {@code handler}, what could not be undone in {@code rollback}. Two parts need no database: breakers, which leave a failing
 * dependency alone, in {@code breaker}, and repeated attempts with growing pauses, in {@code retry}.
 */
@NullMarked
package dev.holdfast.effect;

import org.jspecify.annotations.NullMarked;
