/**
 * Events as operations of effect transactions, emitted or failed, never lost in silence.
 *
 * <p>Read {@link dev.holdfast.effect.event.EventEmission}.
 */
@NullMarked
package dev.holdfast.effect.event;

import org.jspecify.annotations.NullMarked;
