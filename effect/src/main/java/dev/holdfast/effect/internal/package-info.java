/**
 * How effect transactions are journaled, run, compensated and recovered.
 *
 * <p>Read {@link dev.holdfast.effect.internal.Journal} first, which holds the protocol; everything else asks it. Nothing here is public
 * API.
 */
@NullMarked
package dev.holdfast.effect.internal;

import org.jspecify.annotations.NullMarked;
