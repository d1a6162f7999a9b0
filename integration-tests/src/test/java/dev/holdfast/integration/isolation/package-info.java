/**
 * Two and three transactions driven step by step: which anomalies appear at which isolation level.
 *
 * <p>Read {@link dev.holdfast.integration.isolation.HermitageTest} first; {@link dev.holdfast.integration.isolation.Session} runs the
 * steps.
 */
@NullMarked
package dev.holdfast.integration.isolation;

import org.jspecify.annotations.NullMarked;
