package dev.holdfast.contract;

import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.TransactionOptions;
import java.time.Duration;

/**
 * Transactions of several states. Immutable.
 *
 * @param transactionEnabled whether transactions of several states are allowed, {@code true} by default
 * @param rollbackSupport whether a transaction that fails is rolled back, {@code true} by default
 * @param enableSavepoints whether a part of a transaction can be undone, {@code true} by default
 * @param enableTransactionLogging whether transactions are logged, {@code true} by default
 * @param transactionTimeoutMs how long a transaction may take, all attempts together, in milliseconds; 1000 to 300000, {@code 30000} by
 *     default
 * @param autoCommit whether each write of a transaction is committed at once, {@code false} by default
 * @param isolationLevel the isolation level of transactions that name none, {@code READ_COMMITTED} by default
 */
@Section("transaction")
public record TransactionContract(
    @Field(value = "true", says = "whether transactions of several states are allowed")
    boolean transactionEnabled,

    @Field(
        value = "true",
        only = "true",
        because = "a transaction that fails is always rolled back",
        says = "whether a transaction that fails is rolled back")
    boolean rollbackSupport,

    @Field(
        value = "true",
        only = "true",
        because = "savepoints cannot be switched off",
        says = "whether a part of a transaction can be undone")
    boolean enableSavepoints,

    @Field(value = "true", says = "whether the end of each transaction is logged at DEBUG")
    boolean enableTransactionLogging,

    @Field(
        value = "30000",
        min = 1000,
        max = 300000,
        says = "how long a transaction may take, all attempts together, in milliseconds")
    int transactionTimeoutMs,

    @Field(
        value = "false",
        only = "false",
        because = "what a transaction wrote is committed as a whole",
        says = "whether each write of a transaction is committed at once")
    boolean autoCommit,

    @Field(value = "READ_COMMITTED", says = "the isolation level of transactions that name none")
    Isolation isolationLevel)
    implements Contract {

  /** The version of these fields and rules. */
  public static final SemanticVersion INTERFACE_VERSION = SemanticVersion.of(1, 0, 0);

  /** Checks every field, then the rules between them. */
  public TransactionContract {
    Checks.of(
            TransactionContract.class,
            transactionEnabled,
            rollbackSupport,
            enableSavepoints,
            enableTransactionLogging,
            transactionTimeoutMs,
            autoCommit,
            isolationLevel)
        .rule(
            !enableSavepoints || rollbackSupport,
            "needs rollback_support",
            "enable_savepoints",
            "rollback_support")
        .rule(
            !autoCommit || (!rollbackSupport && !enableSavepoints),
            "contradicts rollback_support and enable_savepoints",
            "auto_commit",
            "rollback_support",
            "enable_savepoints")
        .verify();
  }

  /** The options that these fields describe. */
  public TransactionOptions options() {
    return TransactionOptions.of(isolationLevel).timeout(Duration.ofMillis(transactionTimeoutMs));
  }
}
