package dev.holdfast.examples.reservation;

import java.util.List;

/**
 * What the service is asked to do. Immutable.
 *
 * @param subject the reservation or customer it is about
 * @param unit what moves
 * @param movements by account, each account once; empty when nothing moves
 */
public record Order(String subject, Unit unit, List<Movement> movements) {

  /** Copies the movements. */
  public Order {
    movements = List.copyOf(movements);
  }

  /** What accounts count. */
  public enum Unit {
    /** Seats sold on a flight. */
    SEATS,
    /** Money paid with a means of payment; owed to a customer when negative. */
    MONEY
  }
}
