package dev.holdfast.effect;

/**
 * How the handlers of this process were called, to perform, to reconcile and to compensate, counted since it was opened. Immutable copy;
 * the numbers are read one after the other, so under load they need not belong to one instant.
 *
 * @param attempts attempts of any handler, those that a breaker rejected included
 * @param retries attempts after the first of a call
 * @param rejections attempts that the handler's breaker did not let through
 * @param transitions transitions of breakers that this process made
 */
public record CallMetrics(long attempts, long retries, long rejections, long transitions) {}
