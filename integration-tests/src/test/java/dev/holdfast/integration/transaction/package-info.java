/**
 * Transactions over several states under load, with broken connections, savepoints and misuse, as a user sees them.
 *
 * <p>Read {@link dev.holdfast.integration.transaction.BankTransferTest} first.
 */
@NullMarked
package dev.holdfast.integration.transaction;

import org.jspecify.annotations.NullMarked;
