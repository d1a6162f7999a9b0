/**
 * How the outside world is reached: what an operation does, how it is undone, and how one finds out whether it was done.
 *
 * <p>Read {@link dev.holdfast.effect.handler.EffectHandler}.
 */
@NullMarked
package dev.holdfast.effect.handler;

import org.jspecify.annotations.NullMarked;
