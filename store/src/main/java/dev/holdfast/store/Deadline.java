package dev.holdfast.store;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.internal.SqlFailure;
import dev.holdfast.store.transaction.TransactionOptions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * When the time of a whole transaction is up, all attempts together. The database is told as well, for a client that waits for an answer
 * cannot look at a clock. Confined to one thread.
 */
final class Deadline {

  private final TransactionOptions options;
  private final boolean limited;
  private final long end;

  private Deadline(TransactionOptions options) {
    this.options = options;
    this.limited = options.timeout().isPresent();
    this.end = System.nanoTime() + options.timeout().map(Duration::toNanos).orElse(0L);
  }

  /** Counts from now. */
  static Deadline start(TransactionOptions options) {
    return new Deadline(options);
  }

  private long leftMillis() {
    return TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
  }

  boolean isPassed() {
    return limited && leftMillis() < 1;
  }

  /** Throws when the time is up. */
  void check() {
    if (isPassed()) {
      throw StoredTransaction.timedOut(options, null);
    }
  }

  /** Gives the next statement no more time than is left. */
  void limit(Connection connection) throws SQLException {
    if (limited) {
      try (Statement set = connection.createStatement()) {
        set.execute(statementLimit());
      }
    }
  }

  /** The limits of the server for the transaction, as the text of settings; what is not limited is as the connection says. */
  String limits() {
    return statementLimit() + lockLimit() + idleLimit();
  }

  private String statementLimit() {
    long own = options.statementTimeout().map(Duration::toMillis).orElse(Long.MAX_VALUE);
    long most = limited ? Math.min(own, leftMillis()) : own;
    return most == Long.MAX_VALUE ? "" : setting("statement_timeout", most);
  }

  private String lockLimit() {
    return options
        .lockTimeout()
        .map(timeout -> setting("lock_timeout", timeout.toMillis()))
        .orElse("");
  }

  /** How long the server lets the transaction idle before it ends the session. */
  private String idleLimit() {
    return limited ? setting("idle_in_transaction_session_timeout", leftMillis()) : "";
  }

  /** The server counts in milliseconds of 32 bits, and takes 0 for no limit. */
  private static String setting(String name, long millis) {
    return "SET LOCAL " + name + " = " + Math.min(Integer.MAX_VALUE, Math.max(1, millis)) + ";";
  }

  /** The exception for a failed statement, which is a timeout when the time is up. */
  HoldfastException translate(SQLException failure, String doing) {
    return isPassed()
        ? StoredTransaction.timedOut(options, failure)
        : SqlFailure.translate(failure, doing);
  }
}
