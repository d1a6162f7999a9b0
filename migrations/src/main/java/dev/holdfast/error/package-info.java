/**
 * The root of every exception that Holdfast throws, and the codes that tell them apart.
 *
 * <p>Read {@link dev.holdfast.error.HoldfastException} first. The few subclasses live beside the concept they speak of, one for each
 * decision that a caller can take; everything else is the root with a {@link dev.holdfast.error.ErrorCode}.
 */
@NullMarked
package dev.holdfast.error;

import org.jspecify.annotations.NullMarked;
