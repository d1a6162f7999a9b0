package dev.holdfast.store;

import dev.holdfast.store.cache.internal.Content;
import dev.holdfast.store.cache.internal.DecodedValues;
import dev.holdfast.store.cache.internal.NamespaceCounts;
import dev.holdfast.store.cache.internal.ReadCache;
import dev.holdfast.store.cache.internal.Slot;
import dev.holdfast.store.cache.internal.Value;
import dev.holdfast.store.cache.internal.Vouched;
import dev.holdfast.store.internal.Reader.Span;
import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.internal.StoredSnapshot;
import dev.holdfast.store.json.Codec;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads that are answered from memory when the cache vouches for it, and load the state into it otherwise. Threads that miss the same state
 * at the same time load it once. A state that is too large for memory is read key by key, from the database.
 */
final class CachedReads<V> implements Reads<V> {

  private final StateId id;
  private final Access access;
  private final Codec<V> codec;
  private final Function<StoredEntry, @Nullable V> decoding;
  private final Counters counters;
  private final Reads<V> strict;
  private final long minimum;
  private final ReadCache cache;
  private final Transactions transactions;
  private final Slot slot;
  private final NamespaceCounts.@Nullable Count counts;
  private volatile @Nullable LastSnapshot<V> last;

  // Any thread's view is good enough: what is in it never changes.
  private @Nullable Vouched<V> vouched;

  /**
   * Reads of a state.
   *
   * @param strict the same from the database
   * @param minimum the oldest version that may be shown
   */
  CachedReads(Shared<V> shared, Reads<V> strict, long minimum) {
    this.id = shared.id;
    Core core = shared.core;
    this.access = shared.access;
    this.codec = shared.codec;
    this.decoding =
        entry -> Decoder.decode(shared.codec, entry.key(), Objects.requireNonNull(entry.json()));
    this.counters = shared.counters;
    this.strict = strict;
    this.minimum = minimum;
    this.cache = core.cache();
    this.transactions = core.transactions();
    this.slot = cache.slot(id.uuid());
    this.counts = cache.counts(id.namespace());
  }

  @Override
  @SuppressWarnings("OptionalAssignedToNull") // See DecodedValues.
  public Optional<V> get(String key) {
    Objects.requireNonNull(key, "key");
    transactions.requireUnused(id);
    Vouched<V> known = vouched;
    if (known == null || !cache.isCurrent(known, slot)) {
      return judged(key);
    }
    counters.cachedGet();
    hit();
    Optional<V> value = known.values().get(key);
    return value == null ? decoded(known.content(), key, known.values()) : value;
  }

  private Optional<V> judged(String key) {
    Content content = current(key);
    if (content == null) {
      return strict.get(key);
    }
    if (content.decoded(codec) != null) {
      vouched = cache.vouched(slot, minimum, codec);
    }
    return get(content, key);
  }

  @SuppressWarnings("OptionalAssignedToNull") // See DecodedValues.
  private Optional<V> get(Content content, String key) {
    DecodedValues<V> known = content.decoded(codec);
    Optional<V> value = known == null ? null : known.get(key);
    return value == null ? decoded(content, key, known) : value;
  }

  private Optional<V> decoded(Content content, String key, @Nullable DecodedValues<V> known) {
    Value value = value(content, key);
    if (value == null) {
      return Optional.empty();
    }
    Optional<V> decoded = value.as(codec, decoding);
    if (known != null && value.remembers(codec)) {
      known.put(key, decoded);
    }
    return decoded;
  }

  /** A key that is there was checked when it was written. */
  private static @Nullable Value value(Content content, String key) {
    Value value = content.values().get(key);
    if (value == null) {
      Encoder.key(key);
    }
    return value;
  }

  @Override
  public @Nullable V getRequired(String key) {
    Content content = current(key);
    if (content == null) {
      return strict.getRequired(key);
    }
    if (value(content, key) == null) {
      throw new StateKeyException(id, key, CachedEntries.sortedKeys(content));
    }
    return get(content, key).orElse(null);
  }

  @Override
  public Optional<Versioned<V>> find(String key) {
    Content content = current(key);
    if (content == null) {
      return strict.find(key);
    }
    return Optional.ofNullable(value(content, key))
        .map(value ->
            new Versioned<>(get(content, key).orElse(null), value.entry().version()));
  }

  @Override
  public boolean has(String key) {
    Content content = current(key);
    return content == null ? strict.has(key) : value(content, key) != null;
  }

  @Override
  public List<String> keys() {
    return either(CachedEntries::sortedKeys, Reads::keys);
  }

  @Override
  public int size() {
    return either(content -> content.values().size(), Reads::size);
  }

  @Override
  public long version() {
    return either(Content::version, Reads::version);
  }

  private <R> R either(Function<Content, R> fromMemory, Function<Reads<V>, R> fromDatabase) {
    transactions.requireUnused(id);
    Content content = cache.current(slot, minimum);
    if (content == null) {
      content = load();
    } else {
      counters.cachedLook();
      hit();
    }
    return content == null ? fromDatabase.apply(strict) : fromMemory.apply(content);
  }

  @Override
  public Snapshot<V> snapshot() {
    transactions.requireUnused(id);
    Content content = cache.current(slot, minimum);
    if (content != null) {
      counters.cachedSnapshot();
      hit();
      return shown(content);
    }
    content = load();
    if (content == null) {
      return strict.snapshot();
    }
    counters.snapshotMiss();
    return shown(content);
  }

  @SuppressWarnings("ReferenceEquality") // The very content is meant.
  private Snapshot<V> shown(Content content) {
    LastSnapshot<V> known = last;
    if (known != null
        && known.content.version() == content.version()
        && known.content.values() == content.values()
        && known.content.changedAt() == content.changedAt()) {
      return known.snapshot;
    }
    Snapshot<V> snapshot = new Snapshot<>(
        id, content.version(), content.changedAt(), new CachedEntries(content), codec);
    last = new LastSnapshot<>(content, snapshot);
    return snapshot;
  }

  /** For a read of a key the state from memory or the database, null when it is too large for memory. */
  private @Nullable Content current(String key) {
    Objects.requireNonNull(key, "key");
    transactions.requireUnused(id);
    Content content = cache.current(slot, minimum);
    if (content != null) {
      counters.cachedGet();
      hit();
      return content;
    }
    content = load();
    if (content != null) {
      counters.get();
    }
    return content;
  }

  private void hit() {
    if (counts != null) {
      counts.hit();
    }
  }

  private @Nullable Content load() {
    if (!cache.isEnabled()) {
      return strictly();
    }
    cache.missed();
    if (counts != null) {
      counts.miss();
    }
    if (slot.isHeavy()) {
      return strictly();
    }
    boolean isTurn = slot.awaitTurn();
    try {
      // Whoever had the turn before may have loaded it.
      Content content = cache.current(slot, minimum);
      return content == null ? checked(loaded()) : content;
    } finally {
      if (isTurn) {
        slot.loaded();
      }
    }
  }

  private @Nullable Content strictly() {
    if (minimum > 0) {
      requireMinimum(strict.version());
    }
    return null;
  }

  /** What is loaded after the read began may always be shown, whatever became of it in the cache. */
  private Content loaded() {
    long epoch = cache.epoch();
    long began = System.nanoTime();
    Content known = cache.toRefresh(slot);
    Content loaded = known == null ? null : refreshed(known, began);
    if (loaded == null) {
      Optional<StoredSnapshot> stored = access.snapshot(Long.MAX_VALUE);
      loaded =
          Content.of(stored.map(StoredSnapshot::newest).orElse(0L), stored.orElse(null), began);
    }
    cache.install(slot, loaded, epoch);
    return loaded;
  }

  /** Null when what has changed cannot be told any more. */
  private @Nullable Content refreshed(Content known, long began) {
    StoredSnapshot changed =
        access.changed(Span.since(known.version(), known.values().size())).orElse(null);
    if (changed == null || !known.isOf(changed.versionAt())) {
      return null;
    }
    cache.refreshed();
    return known.plus(changed, began);
  }

  private Content checked(Content content) {
    requireMinimum(content.version());
    return content;
  }

  private void requireMinimum(long version) {
    if (version < minimum) {
      throw new StateVersionException(id, version, minimum);
    }
  }

  private record LastSnapshot<V>(Content content, Snapshot<V> snapshot) {}
}
