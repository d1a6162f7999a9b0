package dev.holdfast;

import dev.holdfast.contract.TransactionContract;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.TransactionOptions;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the contract says of transactions; without contracts there is no timeout, which would cost each transaction round trips. Immutable. */
final class TransactionRules {

  private final @Nullable TransactionContract contract;
  private final Log log;

  TransactionRules(@Nullable TransactionContract contract, Logs logs) {
    this.contract = contract;
    this.log = logs.of(Holdfast.class);
  }

  /** Runs a transaction and says at DEBUG how it ended, if the contract wants that; costs one test when DEBUG is off. */
  <T extends @Nullable Object, E extends Exception> T logged(
      Isolation isolation, Work<T, E> transaction) throws E {
    if (contract != null && !contract.enableTransactionLogging()) {
      return transaction.run();
    }
    T result;
    try {
      result = transaction.run();
    } catch (Exception e) {
      log.debug("A transaction at {} failed", isolation, e);
      throw e;
    }
    log.debug("A transaction at {} is committed", isolation);
    return result;
  }

  /** A whole transaction. */
  @FunctionalInterface
  interface Work<T extends @Nullable Object, E extends Exception> {
    T run() throws E;
  }

  void requireEnabled() {
    if (contract != null && !contract.transactionEnabled()) {
      throw new HoldfastException(
          ErrorCode.CONFIGURATION,
          "Transactions are switched off by the contract: transaction.transaction_enabled is false");
    }
  }

  TransactionOptions options() {
    return contract == null ? TransactionOptions.of(Isolation.READ_COMMITTED) : contract.options();
  }

  TransactionOptions options(Isolation isolation) {
    TransactionOptions options = TransactionOptions.of(isolation);
    Optional<Duration> timeout = options().timeout();
    return timeout.isPresent() ? options.timeout(timeout.get()) : options;
  }
}
