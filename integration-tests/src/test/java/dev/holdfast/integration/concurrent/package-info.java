/**
 * Many threads and processes at one state, and the end of a store that is in use.
 *
 * <p>Read {@link dev.holdfast.integration.concurrent.ConcurrentProcessesTest} first; {@link
 * dev.holdfast.integration.concurrent.Worker} is what runs in the other processes.
 */
@NullMarked
package dev.holdfast.integration.concurrent;

import org.jspecify.annotations.NullMarked;
