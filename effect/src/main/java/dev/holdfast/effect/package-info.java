/**
 * Work in the outside world that is journaled and compensated as a whole.
 *
 * <p>What exists today are two parts that need no database: breakers, which leave a failing dependency alone, in {@code breaker}, and
 * repeated attempts with growing pauses, in {@code retry}. The effect transactions that this package is named for are not written yet.
 */
@NullMarked
package dev.holdfast.effect;

import org.jspecify.annotations.NullMarked;
