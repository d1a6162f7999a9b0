package dev.holdfast.effect.sql;

import dev.holdfast.effect.handler.EffectContext;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.internal.Durations;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;

/**
 * A statement in a PostgreSQL database of the application, and the statement that undoes it, as a handler.
 *
 * <pre>{@code
 * SqlOperation.createTable(accounts); // once, with the rights to create tables
 * effects.register(SqlOperation.of(
 *     "account.debit",
 *     accounts,
 *     "UPDATE account SET balance = balance - ? WHERE id = ?",
 *     "UPDATE account SET balance = balance + ? WHERE id = ?"));
 * effects.run("pay", "invoice-7", effect ->
 *     effect.<SqlResult>perform("account.debit", SqlCall.of(10, "a").undoneWith(10, "a")).rows());
 * }</pre>
 *
 * <p>The statement and a row with the idempotency key are one database transaction, so it is done once, however often it is attempted, and
 * whatever became of the connection: what was committed is found by its key. The undoing statement and the mark on that row are one database
 * transaction as well. Where nothing was done, undoing leaves a row all the same, so that a process that was paused for long cannot do it
 * afterwards. An undoing statement that changes another number of rows than were changed is rolled back, and is a rollback failure: somebody
 * else was there.
 *
 * <p>The statements are the application's code; only their parameters are recorded in the journal. A step is better for tables in the same
 * database as Holdfast: it needs no undoing statement for states, and costs no row.
 */
public final class SqlOperation {

  /** The table that keeps the idempotency keys, in the first schema of the connection's search path. */
  public static final String TABLE = "holdfast_sql_operation";

  private static final String CREATE = """
      CREATE TABLE IF NOT EXISTS %s (
        idempotency_key text        NOT NULL,
        handler         text        NOT NULL,
        status          text        NOT NULL,
        changed_rows    bigint      NOT NULL,
        changed_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT %s_pkey PRIMARY KEY (idempotency_key),
        CONSTRAINT %s_status_is_known CHECK (status IN ('performed', 'undone'))
      )""".replace("%s", TABLE);

  /** Rows that are not needed any more, by their age. */
  private static final String PURGE =
      "DELETE FROM %s WHERE changed_at < clock_timestamp() - ? * interval '1 millisecond'"
          .formatted(TABLE);

  private SqlOperation() {}

  /**
   * Creates the table {@value #TABLE} unless it is there.
   *
   * @throws SQLException when it cannot be created
   */
  public static void createTable(DataSource dataSource) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(CREATE);
      if (!connection.getAutoCommit()) {
        connection.commit();
      }
    }
  }

  /**
   * Removes keys of operations that were performed or undone long ago. Longer ago than any effect transaction takes until it has ended and
   * its rollback failures are settled: an operation without its row would be performed again, and not be undone.
   *
   * @param age a day to 292 years
   * @return how many were removed
   * @throws SQLException when they cannot be removed
   */
  public static int removeKeys(DataSource dataSource, Duration age) throws SQLException {
    if (age.compareTo(Duration.ofDays(1)) < 0 || !Durations.isCountable(age)) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "SQL operations: the age is at least a day, and 292 years at most, not " + age);
    }
    return SqlTransaction.call(
        dataSource, transaction -> transaction.update(PURGE, age.toMillis()));
  }

  /**
   * A handler.
   *
   * @param name of the handler
   * @param dataSource to the database; not closed by Holdfast. Autocommit may be on or off
   * @param perform the statement, with a {@code ?} for each parameter; give types where they are not text, numbers or booleans, say
   *     {@code ?::uuid}
   * @param undo the statement that undoes it, likewise; a call with another number of parameters than either has is refused
   */
  public static EffectHandler<SqlCall, SqlResult> of(
      String name, DataSource dataSource, String perform, String undo) {
    SqlKeys keys = new SqlKeys(name);
    return EffectHandler.of(name, SqlCall.class, SqlResult.class)
        .validateRequest(SqlCall::requireKept)
        .perform((context, call) -> SqlTransaction.call(dataSource, transaction -> {
          requireParameters(transaction, context, perform, undo, call);
          return perform(transaction, keys, context, perform, call);
        }))
        .compensate((context, call) -> {
          boolean unused = SqlTransaction.call(
              dataSource, transaction -> isUndone(transaction, keys, context, undo, call));
        })
        // Whether a transaction was committed whose connection was lost is known by its key only.
        .uncertainWhen(failure -> !(failure instanceof UndoneAlreadyException));
  }

  /** What cannot be undone for want of a parameter is not done. */
  private static void requireParameters(
      SqlTransaction transaction, EffectContext context, String perform, String undo, SqlCall call)
      throws SQLException {
    transaction.requireParameters(
        "Operation " + context.operation() + ": its statement", perform, call.parameters());
    transaction.requireParameters(
        "Operation " + context.operation() + ": the statement that undoes it",
        undo,
        call.undoParameters());
  }

  private static SqlResult perform(
      SqlTransaction transaction, SqlKeys keys, EffectContext context, String sql, SqlCall call)
      throws SQLException {
    String key = context.idempotencyKey();
    if (!keys.isInserted(transaction, key, SqlKeys.PERFORMED)) {
      SqlKeys.Row row = keys.read(transaction, key);
      if (row.status().equals(SqlKeys.UNDONE)) {
        throw new UndoneAlreadyException(context);
      }
      return new SqlResult(row.rows());
    }
    long rows = transaction.execute(sql, call.parameters());
    keys.update(transaction, key, SqlKeys.PERFORMED, rows);
    return new SqlResult(rows);
  }

  /** Whether there was something to be undone. */
  private static boolean isUndone(
      SqlTransaction transaction, SqlKeys keys, EffectContext context, String sql, SqlCall call)
      throws SQLException {
    String key = context.idempotencyKey();
    if (keys.isInserted(transaction, key, SqlKeys.UNDONE)) {
      return false;
    }
    SqlKeys.Row row = keys.read(transaction, key);
    if (row.status().equals(SqlKeys.UNDONE)) {
      return false;
    }
    long rows = transaction.execute(sql, call.undoParameters());
    if (rows >= 0 && row.rows() >= 0 && rows != row.rows()) {
      throw new HoldfastException(
          ErrorCode.CONFLICT,
          "Undoing " + context.operation() + " of " + context.effect() + " would change " + rows
              + " rows where " + row.rows() + " were changed; nothing is undone",
          Map.of("operation", context.operation(), "changed", row.rows(), "undone", rows),
          null);
    }
    keys.update(transaction, key, SqlKeys.UNDONE, row.rows());
    return true;
  }

  /** A process that was paused while another one rolled back must not perform any more. */
  private static final class UndoneAlreadyException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    UndoneAlreadyException(EffectContext context) {
      super("Operation " + context.operation() + " of " + context.effect()
          + " was undone and is not performed any more");
    }
  }
}
