package dev.holdfast.migrations;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The name of the database schema that holds the tables: lower-case letters, digits and underscores, not beginning with a digit or
 * {@code pg_}, at most 48 characters. So it is never quoted and PostgreSQL never truncates a name made from it; a word that would have to be
 * quoted all the same, such as {@code user}, is refused by {@link Migrations#migrate()}. Immutable.
 *
 * @param value the name itself
 */
public record SchemaName(String value) {

  // Before DEFAULT, whose construction needs it.
  private static final Pattern ALLOWED = Pattern.compile("(?!pg_)[a-z_][a-z0-9_]{0,47}");

  /** The schema used when none is configured, {@code holdfast}. */
  public static final SchemaName DEFAULT = new SchemaName("holdfast");

  /** Checks the name. */
  public SchemaName {
    if (!ALLOWED.matcher(value).matches()) {
      throw new HoldfastException(
          ErrorCode.CONFIGURATION,
          "The schema name \"" + value
              + "\" is not allowed: use 1 to 48 lower-case letters, digits and underscores,"
              + " not beginning with a digit or pg_",
          Map.of("schema", value),
          null);
    }
  }

  /** A statement for this schema: the text with the name wherever it says <code>{schema}</code>. */
  public String in(String sql) {
    return sql.replace("{schema}", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
