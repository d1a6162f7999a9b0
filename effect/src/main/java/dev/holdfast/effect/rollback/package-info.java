/**
 * Compensations that failed: durable records that a person can find, retry and settle.
 *
 * <p>Read {@link dev.holdfast.effect.rollback.RollbackFailures}, then {@link dev.holdfast.effect.rollback.RollbackFailure}.
 */
@NullMarked
package dev.holdfast.effect.rollback;

import org.jspecify.annotations.NullMarked;
