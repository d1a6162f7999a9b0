package dev.holdfast.store.internal;

import org.jspecify.annotations.Nullable;

/**
 * The newest row of a key at some version, with its value folded. Immutable.
 *
 * @param key the key
 * @param version the version of the row
 * @param json the whole value as JSON text, null when the key is absent
 * @param form how the row stores it
 * @param base for a delta the version of the whole value below it, otherwise null
 * @param deltas for a delta how many are folded onto the base, otherwise 0
 */
public record StoredEntry(
    String key,
    long version,
    @Nullable String json,
    Form form,
    @Nullable Long base,
    int deltas) {

  /** Whether the key is there. */
  public boolean isPresent() {
    return json != null;
  }
}
