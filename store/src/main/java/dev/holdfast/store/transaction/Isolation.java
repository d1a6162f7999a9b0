package dev.holdfast.store.transaction;

/**
 * The isolation level of a transaction, as PostgreSQL implements it (documentation, chapter "Transaction Isolation"). At every level writes
 * of one state take turns, nothing uncommitted is seen by others, and {@link dev.holdfast.store.State#compute} and its like lose no update.
 */
public enum Isolation {
  /** Accepted as the standard demands; PostgreSQL treats it as {@link #READ_COMMITTED}. */
  READ_UNCOMMITTED("READ UNCOMMITTED"),
  /**
   * Every read sees what was committed when the read began, so two reads of one transaction can differ, and a value that was read and then
   * set can overwrite what somebody else wrote in between.
   */
  READ_COMMITTED("READ COMMITTED"),
  /**
   * Every read sees what was committed when the transaction first read: snapshot isolation. Writing a state that somebody else wrote since
   * fails and is run again. Two transactions that each read a state which the other writes can both commit (write skew).
   */
  REPEATABLE_READ("REPEATABLE READ"),
  /** As if the transactions had run one after the other; what cannot be ordered so fails and is run again. */
  SERIALIZABLE("SERIALIZABLE");

  private final String sqlName;

  Isolation(String sqlName) {
    this.sqlName = sqlName;
  }

  /** The name in SQL. */
  public String sqlName() {
    return sqlName;
  }
}
