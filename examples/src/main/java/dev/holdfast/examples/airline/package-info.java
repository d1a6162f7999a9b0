/**
 * Replays recorded agent runs of an airline's service desk: every run is a state, every message a change set of it, and the
 * reservations that tool calls change are states that all runs share. May be killed at any time and goes on where it was.
 *
 * <p>Read {@link dev.holdfast.examples.airline.Replay} for the loop, {@link dev.holdfast.examples.airline.ToolCalls} for how a tool
 * call is made once and whole, {@link dev.holdfast.examples.airline.Steps} for what one message becomes.
 */
@NullMarked
package dev.holdfast.examples.airline;

import org.jspecify.annotations.NullMarked;
