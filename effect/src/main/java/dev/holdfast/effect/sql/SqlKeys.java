package dev.holdfast.effect.sql;

import java.sql.SQLException;

/**
 * The rows that say what was performed and undone. Immutable.
 *
 * @param handler whose operations they are
 */
record SqlKeys(String handler) {

  static final String PERFORMED = "performed";
  static final String UNDONE = "undone";

  private static final String INSERT = """
      INSERT INTO %s (idempotency_key, handler, status, changed_rows) VALUES (?, ?, ?, 0)
      ON CONFLICT (idempotency_key) DO NOTHING""".formatted(SqlOperation.TABLE);

  private static final String READ = """
      SELECT status, changed_rows FROM %s WHERE idempotency_key = ? FOR UPDATE""".formatted(SqlOperation.TABLE);

  private static final String UPDATE = """
      UPDATE %s SET status = ?, changed_rows = ?, changed_at = clock_timestamp()
      WHERE idempotency_key = ?""".formatted(SqlOperation.TABLE);

  /** Whether the key is new; waits for another database transaction that has just written it. */
  boolean isInserted(SqlTransaction transaction, String key, String status) throws SQLException {
    return transaction.update(INSERT, key, handler, status) == 1;
  }

  /** The row of a key that is there. Reads in a statement of its own, which sees what the insert has waited for. */
  Row read(SqlTransaction transaction, String key) throws SQLException {
    return transaction.row(READ, row -> new Row(row.getString(1), row.getLong(2)), key);
  }

  void update(SqlTransaction transaction, String key, String status, long rows)
      throws SQLException {
    int updated = transaction.update(UPDATE, status, rows, key);
    if (updated != 1) {
      throw new SQLException("The row of " + key + " in " + SqlOperation.TABLE + " is gone");
    }
  }

  /**
   * What became of an operation.
   *
   * @param rows that its statement changed; -1 when that is not known
   */
  record Row(String status, long rows) {}
}
