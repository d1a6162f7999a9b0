package dev.holdfast.store.internal;

import java.util.Locale;

/** How a row of the table {@code change} stores the value of its key. */
public enum Form {
  /** The payload is the whole value. */
  VALUE,
  /** The payload is an array of elements to append to the array below. */
  APPEND,
  /** The payload is an RFC 6902 patch of the value below. */
  PATCH,
  /** The value is the one that the key had at the source version. */
  REFERENCE,
  /** The key is absent. */
  NONE;

  private static final Form[] ALL = values();

  private final String sqlName = name().toLowerCase(Locale.ROOT);

  /** The name in the column {@code form}. */
  public String sqlName() {
    return sqlName;
  }

  static Form ofSqlName(String name) {
    for (Form form : ALL) {
      if (form.sqlName.equals(name)) {
        return form;
      }
    }
    throw Fold.damaged("there is no form \"" + name + "\"");
  }
}
