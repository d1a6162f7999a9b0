package dev.holdfast.store.internal;

import dev.holdfast.store.internal.FoldedRanges.Range;
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

  /** The link of a row that has a value, otherwise empty. */
  static Optional<Link> of(
      long version,
      String form,
      @Nullable Long base,
      @Nullable Long sourceVersion,
      @Nullable UUID source,
      @Nullable String whole) {
    return Form.ofSqlName(form) == Form.NONE
        ? Optional.empty()
        : Optional.of(new Link(
            version,
            base == null ? version : base,
            sourceVersion == null ? version : sourceVersion,
            source,
            whole));
  }

  /** The rows to fold for a key of a state. */
  Range range(UUID state, String key) {
    return new Range(source == null ? state : source, key, low, high);
  }
}
