/**
 * The facade, and the one dependency that an application adds.
 *
 * <p>Read {@link dev.holdfast.Holdfast}: it connects, migrates and hands out states.
 */
@NullMarked
package dev.holdfast;

import org.jspecify.annotations.NullMarked;
