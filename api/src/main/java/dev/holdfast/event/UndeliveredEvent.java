package dev.holdfast.event;

import java.time.Instant;

/**
 * An event that a listener did not get. Immutable.
 *
 * @param event the event
 * @param listener the routing key of the listener
 * @param reason why: what the last attempt failed with, or that there was no room
 * @param at when it was given up
 */
public record UndeliveredEvent(Event event, String listener, String reason, Instant at) {}
