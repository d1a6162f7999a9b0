package dev.holdfast.store.internal;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the value of one row of history comes from: the rows of the same key from {@code low} to {@code high} are folded. Immutable.
 *
 * @param version the version of the row itself
 * @param low the version of the whole value
 * @param high the version of the last row to fold
 */
public record Link(long version, long low, long high) {

  /** The link of a row that has a value, otherwise empty. */
  static Optional<Link> of(long version, String form, @Nullable Long base, @Nullable Long source) {
    return Form.ofSqlName(form) == Form.NONE
        ? Optional.empty()
        : Optional.of(
            new Link(version, base == null ? version : base, source == null ? version : source));
  }
}
