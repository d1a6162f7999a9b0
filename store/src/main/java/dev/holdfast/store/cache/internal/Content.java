package dev.holdfast.store.cache.internal;

import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.Form;
import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.internal.StoredSnapshot;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All keys and values of a state at one version. Which values a version has never changes, so a content is never wrong, only old. Immutable
 * but for what its values remember.
 */
public final class Content {

  private static final int OBJECTS = 500;

  private final long version;
  private final @Nullable Instant changedAt;
  private final PersistentMap<Value> values;
  private final long weight;
  private final long currentAt;

  private Content(
      long version,
      @Nullable Instant changedAt,
      PersistentMap<Value> values,
      long weight,
      long currentAt) {
    this.version = version;
    this.changedAt = changedAt;
    this.values = values;
    this.weight = weight;
    this.currentAt = currentAt;
  }

  /**
   * What a database said.
   *
   * @param currentAt when it was asked, in the nanoseconds of {@link System#nanoTime()}: the content holds every write that had returned by
   *     then
   */
  public static Content of(long version, @Nullable StoredSnapshot stored, long currentAt) {
    Content empty = new Content(
        version,
        stored == null ? null : stored.newestAt(),
        PersistentMap.empty(),
        OBJECTS,
        currentAt);
    return stored == null ? empty : empty.patched(stored.entries());
  }

  /** This content with what has changed since. */
  public Content plus(StoredSnapshot changed, long askedAt) {
    return new Content(changed.newest(), changed.newestAt(), values, weight, askedAt)
        .patched(changed.entries());
  }

  private Content patched(Map<String, StoredEntry> entries) {
    Content next = this;
    for (StoredEntry entry : entries.values()) {
      next = entry.isPresent() ? next.with(entry) : next.without(entry.key());
    }
    return next;
  }

  private Content with(StoredEntry entry) {
    Value added = new Value(entry);
    Value replaced = values.get(entry.key());
    long gained = added.weight() - (replaced == null ? 0 : replaced.weight());
    return new Content(
        version, changedAt, values.with(entry.key(), added), weight + gained, currentAt);
  }

  private Content without(String key) {
    Value removed = values.get(key);
    return removed == null
        ? this
        : new Content(
            version, changedAt, values.without(key), weight - removed.weight(), currentAt);
  }

  /**
   * This content with the change set that made the next version; null when the values cannot be told without the database, as those of
   * appends. The time of the version is not known then.
   */
  @Nullable
  Content next(List<Item> items) {
    Content next = new Content(version + 1, null, values, weight, currentAt);
    for (Item item : items) {
      if (item.form() == Form.VALUE) {
        next = next.with(
            new StoredEntry(item.key(), version + 1, item.payload(), Form.VALUE, null, 0));
      } else if (item.form() == Form.NONE) {
        next = next.without(item.key());
      } else {
        return null;
      }
    }
    return next;
  }

  /** The same, known to be current at a later time as well, with the time of the version if that is known now. */
  Content confirmed(Content later) {
    return new Content(
        version,
        changedAt == null ? later.changedAt : changedAt,
        values,
        weight,
        Math.max(currentAt - later.currentAt, 0) + later.currentAt);
  }

  /** The version. */
  public long version() {
    return version;
  }

  /** Database time of the version; null for version 0, and when it is not known. */
  public @Nullable Instant changedAt() {
    return changedAt;
  }

  /** Keys and values. */
  public PersistentMap<Value> values() {
    return values;
  }

  /** About how many bytes it takes. */
  public long weight() {
    return weight;
  }

  /** When it was known to be current. */
  long currentAt() {
    return currentAt;
  }
}
