/**
 * Random operations on states, compared with a plain model in memory.
 *
 * <p>Read {@link dev.holdfast.integration.model.ModelBasedTest} first, then {@link dev.holdfast.integration.model.Model}, the rules as
 * code.
 */
@NullMarked
package dev.holdfast.integration.model;

import org.jspecify.annotations.NullMarked;
