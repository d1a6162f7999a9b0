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
      long millis = Math.max(1, leftMillis());
      long statement = options.statementTimeout().map(Duration::toMillis).orElse(millis);
      try (Statement set = connection.createStatement()) {
        set.execute("SET LOCAL statement_timeout = " + Math.min(millis, statement));
      }
    }
  }

  /** How long the server lets the transaction idle before it ends the session, as the text of a setting; empty for no limit. */
  String idleLimit() {
    return limited
        ? "SET LOCAL idle_in_transaction_session_timeout = " + Math.max(1, leftMillis()) + ";"
        : "";
  }

  /** The exception for a failed statement, which is a timeout when the time is up. */
  HoldfastException translate(SQLException failure, String doing) {
    return isPassed()
        ? StoredTransaction.timedOut(options, failure)
        : SqlFailure.translate(failure, doing);
  }
}
