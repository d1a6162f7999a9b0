/**
 * Repeated attempts: how often, after which pauses, and for which failures.
 *
 * <p>Read {@link dev.holdfast.effect.retry.RetryPolicy} first, which answers these questions without doing anything. {@link
 * dev.holdfast.effect.retry.Retry} asks it, waits and calls; it keeps nothing beyond the process.
 */
@NullMarked
package dev.holdfast.effect.retry;

import org.jspecify.annotations.NullMarked;
