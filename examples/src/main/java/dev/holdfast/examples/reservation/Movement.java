package dev.holdfast.examples.reservation;

import java.math.BigDecimal;

/**
 * What a call adds to one account of the service. Immutable.
 *
 * @param account a flight on a day, or a means of payment
 * @param amount seats or money; negative for what is given back
 */
public record Movement(String account, BigDecimal amount) {}
