package dev.holdfast.store.internal;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One record of history as read. Immutable.
 *
 * @param row the columns of the record
 * @param after the value after as JSON text, null when the change removed the key
 * @param before the value before as JSON text, null when the key was absent
 */
public record StoredChange(
    ChangeRow row, @Nullable String after, @Nullable String before) {

  /** The version that had written the value before; empty when the key was absent. */
  public Optional<Long> beforeVersion() {
    return row.before().map(Link::version);
  }
}
