package dev.holdfast.store.internal;

import dev.holdfast.store.internal.FoldedRanges.Range;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where the value of one row of history comes from: the row itself, or the rows of the same key from {@code low} to {@code high}, which are
 * folded. Immutable.
 *
 * @param version the version of the row itself
 * @param low the version of the whole value
 * @param high the version of the last row to fold
 * @param source the state that has the rows, null for the state of the row itself
 * @param whole the value as JSON text when the row itself has it
 */
public record Link(
    long version,
    long low,
    long high,
    @Nullable UUID source,
    @Nullable String whole) {

  /**
   * The link of a row that has a value, otherwise empty.
   *
   * @param first from which column on it is described: form, base_version, source_version, source_state_id, and the value if it is whole
   */
  static Optional<Link> read(ResultSet rows, long version, int first) throws SQLException {
    if (Form.ofSqlName(rows.getString(first)) == Form.NONE) {
      return Optional.empty();
    }
    Long base = number(rows, first + 1);
    Long sourceVersion = number(rows, first + 2);
    return Optional.of(new Link(
        version,
        base == null ? version : base,
        sourceVersion == null ? version : sourceVersion,
        rows.getObject(first + 3, UUID.class),
        rows.getString(first + 4)));
  }

  private static @Nullable Long number(ResultSet rows, int column) throws SQLException {
    long number = rows.getLong(column);
    return rows.wasNull() ? null : number;
  }

  /** The rows to fold for a key of a state. */
  Range range(UUID state, String key) {
    return new Range(source == null ? state : source, key, low, high);
  }
}
