/**
 * What the operations cost: round trips, transactions, flushes, and what the server touches to answer.
 *
 * <p>Read {@link dev.holdfast.integration.cost.RoundTripTest} first.
 */
@NullMarked
package dev.holdfast.integration.cost;

import org.jspecify.annotations.NullMarked;
