package dev.holdfast.integration.cost;

/**
 * What a call cost. Immutable.
 *
 * @param roundTrips how often it waited for the server
 * @param transactions how many transactions the server committed for it, those that only read included
 * @param flushes how often the server waited for its log to be on disk
 */
record Cost(long roundTrips, long transactions, long flushes) {

  Cost minus(Cost earlier) {
    return new Cost(
        roundTrips - earlier.roundTrips,
        transactions - earlier.transactions,
        flushes - earlier.flushes);
  }

  /** The smaller of each: what else happened on the server can only add. */
  Cost min(Cost other) {
    return new Cost(
        Math.min(roundTrips, other.roundTrips),
        Math.min(transactions, other.transactions),
        Math.min(flushes, other.flushes));
  }
}
