package dev.holdfast.store.transaction;

import org.jspecify.annotations.Nullable;

/**
 * What is done in a transaction or savepoint. It may run several times, each time in a new transaction, so it should not have effects
 * outside the database that must not be repeated.
 *
 * @param <T> what it returns
 * @param <E> what it may throw; {@code RuntimeException} when nothing is declared
 */
@FunctionalInterface
public interface TransactionWork<T extends @Nullable Object, E extends Exception> {

  /** Does the work. Whatever it throws rolls the transaction or savepoint back and reaches the caller. */
  T run(Transaction transaction) throws E;
}
