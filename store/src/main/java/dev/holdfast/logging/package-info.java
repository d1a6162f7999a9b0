/**
 * How Holdfast itself logs: through SLF4J, with sensitive fields hidden, and with the ids of what a thread works for.
 *
 * <p>Read {@link dev.holdfast.logging.Logs}; {@link dev.holdfast.logging.LogSettings} says what can be chosen.
 */
@NullMarked
package dev.holdfast.logging;

import org.jspecify.annotations.NullMarked;
