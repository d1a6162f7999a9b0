/**
 * Which handler answers to a name: several candidates may, one of them is active, and why can be explained.
 *
 * <p>Read {@link dev.holdfast.effect.registry.HandlerRegistry}.
 */
@NullMarked
package dev.holdfast.effect.registry;

import org.jspecify.annotations.NullMarked;
