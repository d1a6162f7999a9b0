package dev.holdfast.examples.reservation;

/**
 * What the service answers when it has done something. Immutable.
 *
 * @param key under which it can be undone
 */
public record Receipt(String key) {}
