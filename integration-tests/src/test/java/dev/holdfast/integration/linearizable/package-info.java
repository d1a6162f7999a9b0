/**
 * Whether what concurrent clients saw of a state can be explained by one order of versions that respects real time.
 *
 * <p>Read {@link dev.holdfast.integration.linearizable.HistoryChecker} first, then {@link
 * dev.holdfast.integration.linearizable.LinearizabilityTest}, which records clients in several processes.
 */
@NullMarked
package dev.holdfast.integration.linearizable;

import org.jspecify.annotations.NullMarked;
