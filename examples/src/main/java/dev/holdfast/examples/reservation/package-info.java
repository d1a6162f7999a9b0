/**
 * The reservation service of the airline: a system outside, which keeps seats and money in tables and connections of its own, knows
 * nothing of effect transactions, and fails as often as it is told to. Read {@link
 * dev.holdfast.examples.reservation.ReservationService} first.
 */
@NullMarked
package dev.holdfast.examples.reservation;

import org.jspecify.annotations.NullMarked;
