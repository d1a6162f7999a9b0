package dev.holdfast.store.history;

import java.util.Locale;

/** The call that made a change. In SQL the same names stand in lower case. */
public enum Operation {
  /** One key was set. */
  SET,
  /** Several keys were set as one change set. */
  UPDATE,
  /** The key was removed. */
  DELETE,
  /** All keys were removed. */
  CLEAR,
  /** A function of the value before wrote or removed the value. */
  COMPUTE,
  /** A function of the value before and a given one wrote or removed the value. */
  MERGE,
  /** The key was absent and was set. */
  PUT_IF_ABSENT,
  /** A number was added to the value. */
  INCREMENT,
  /** Elements were appended to the array. */
  APPEND,
  /** A JSON Patch or JSON Merge Patch changed the value. */
  PATCH,
  /** The key was brought back to what it was at an earlier version. */
  ROLLBACK,
  /** The key came with the state, which began as a fork of another one. */
  FORK;

  private final String sqlName = name().toLowerCase(Locale.ROOT);

  /** The name in the column {@code operation}. */
  public String sqlName() {
    return sqlName;
  }

  /**
   * The operation with a name in the column {@code operation}.
   *
   * @throws IllegalArgumentException for any other name
   */
  public static Operation ofSqlName(String name) {
    for (Operation operation : values()) {
      if (operation.sqlName.equals(name)) {
        return operation;
      }
    }
    throw new IllegalArgumentException("There is no operation \"" + name + "\"");
  }
}
