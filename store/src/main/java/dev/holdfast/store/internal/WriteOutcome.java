package dev.holdfast.store.internal;

import org.jspecify.annotations.Nullable;

/** What became of a write. */
public sealed interface WriteOutcome {

  /**
   * Committed as this version.
   *
   * @param version the new version
   */
  record Written(long version) implements WriteOutcome {}

  /**
   * There was nothing to change.
   *
   * @param version the newest version
   */
  record Unchanged(long version) implements WriteOutcome {}

  /**
   * The state, or a key of it, is not at the version that the write was made for.
   *
   * @param key the key that moved, null when the state's version was expected
   * @param expected what the write was made for
   * @param actual what was found
   */
  record Moved(@Nullable String key, long expected, long actual) implements WriteOutcome {}

  /**
   * An append met a value that the database alone cannot append to: it must be read, folded and written whole.
   *
   * @param key the key
   */
  record NeedsFold(String key) implements WriteOutcome {}

  /**
   * The target of a rollback, or of a cut, does not exist.
   *
   * @param current the newest version
   */
  record NoSuchVersion(long current) implements WriteOutcome {}

  /**
   * The target of a rollback was cleared from history.
   *
   * @param oldest the oldest version that can be read
   */
  record Cleared(long oldest) implements WriteOutcome {}

  /**
   * What was to be made is there already.
   *
   * @param version the version that the tag of this name has, or the newest version of the state that is there
   */
  record Taken(long version) implements WriteOutcome {}
}
