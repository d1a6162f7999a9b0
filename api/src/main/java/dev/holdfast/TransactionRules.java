package dev.holdfast;

import dev.holdfast.contract.TransactionContract;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.TransactionOptions;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the contract says of transactions; without contracts there is no timeout, which would cost each transaction round trips. Immutable. */
final class TransactionRules {

  private final @Nullable TransactionContract contract;

  TransactionRules(@Nullable TransactionContract contract) {
    this.contract = contract;
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
