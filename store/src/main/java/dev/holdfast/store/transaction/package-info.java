/**
 * Several states in one database transaction.
 *
 * <p>Read {@link dev.holdfast.store.transaction.Transaction}; {@link dev.holdfast.store.transaction.TransactionOptions} says how it runs.
 */
@NullMarked
package dev.holdfast.store.transaction;

import org.jspecify.annotations.NullMarked;
