/**
 * Pure functions by name, computed once for equal inputs, and many inputs at the same time.
 *
 * <p>Read {@link dev.holdfast.compute.Computations}.
 */
@NullMarked
package dev.holdfast.compute;

import org.jspecify.annotations.NullMarked;
