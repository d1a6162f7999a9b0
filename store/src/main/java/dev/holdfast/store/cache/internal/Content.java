package dev.holdfast.store.cache.internal;

import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.Form;
import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.internal.StoredSnapshot;
import dev.holdfast.store.json.Codec;
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

  /** A content that lasts for so many touches is read often and changed seldom. */
  private static final int TOUCHES_TO_SETTLE = 2;

  private final long version;
  private final @Nullable Instant changedAt;
  private final PersistentMap<Value> values;
  private final long weight;
  private final long currentAt;

  // Any thread's view is good enough.
  private int touches;
  private @Nullable DecodedValues<?> decoded;

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

  /**
   * Whether a version made at a time is the version of this content, as far as that is known. It is not where a server took over that had not
   * received it, and made another one.
   */
  public boolean isOf(@Nullable Instant time) {
    return changedAt == null || changedAt.equals(time);
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

  /** Whether it can be told without the database what a change set makes of a content: not when it appends. */
  static boolean canFollow(List<Item> items) {
    return items.stream().allMatch(item -> item.form() == Form.VALUE || item.form() == Form.NONE);
  }

  /** This content with the change set that made the next version, which {@link #canFollow}. The time of the version is not known then. */
  Content next(List<Item> items) {
    Content next = new Content(version + 1, null, values, weight, currentAt);
    for (Item item : items) {
      next = item.form() == Form.NONE
          ? next.without(item.key())
          : next.with(
              new StoredEntry(item.key(), version + 1, item.payload(), Form.VALUE, null, 0));
    }
    return next;
  }

  /** The same, known to be current at a later time as well, with the time of the version if that is known now. */
  Content confirmed(Content later) {
    Content same = new Content(
        version,
        changedAt == null ? later.changedAt : changedAt,
        values,
        weight,
        Math.max(currentAt - later.currentAt, 0) + later.currentAt);
    same.touches = touches;
    same.decoded = decoded;
    return same;
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

  /** Somebody reads it; called now and then only. */
  void touched() {
    if (touches < TOUCHES_TO_SETTLE) {
      touches++;
    }
  }

  /** A faster way to the values that a codec decodes; null when there is none, as before the content has been read for a while. */
  @SuppressWarnings("unchecked") // They are of the codec's own type.
  public <V> @Nullable DecodedValues<V> decoded(Codec<V> codec) {
    DecodedValues<?> known = decoded;
    if (known == null && touches == TOUCHES_TO_SETTLE) {
      // Of one codec only: two that took turns would make it anew each time.
      known = DecodedValues.of(values, codec);
      decoded = known;
    }
    return known != null && known.isOf(codec) ? (DecodedValues<V>) known : null;
  }

  /** When it was known to be current. */
  long currentAt() {
    return currentAt;
  }
}
