/**
 * Events: listeners of this process, and the durable feed of changes, as the event bus contract has them.
 *
 * <p>Read {@link dev.holdfast.event.EventBus}.
 */
@NullMarked
package dev.holdfast.event;

import org.jspecify.annotations.NullMarked;
