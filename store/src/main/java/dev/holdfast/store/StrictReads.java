package dev.holdfast.store;

import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.json.Codec;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads that ask the database each time. */
final class StrictReads<V> implements Reads<V> {

  private final StateId id;
  private final Access access;
  private final Codec<V> codec;
  private final Counters counters;
  private final Snapshots<V> snapshots;

  StrictReads(
      StateId id, Access access, Codec<V> codec, Counters counters, Snapshots<V> snapshots) {
    this.id = id;
    this.access = access;
    this.codec = codec;
    this.counters = counters;
    this.snapshots = snapshots;
  }

  @Override
  public Optional<V> get(String key) {
    return present(key).map(this::decode);
  }

  @Override
  public @Nullable V getRequired(String key) {
    Optional<StoredEntry> entry = present(key);
    if (entry.isEmpty()) {
      throw new StateKeyException(id, key, keys());
    }
    return decode(entry.get());
  }

  @Override
  public Optional<Versioned<V>> find(String key) {
    return present(key).map(entry -> new Versioned<>(decode(entry), entry.version()));
  }

  private Optional<StoredEntry> present(String key) {
    Encoder.key(key);
    counters.get();
    return access.entry(key).filter(StoredEntry::isPresent);
  }

  private @Nullable V decode(StoredEntry entry) {
    return Decoder.decode(codec, entry.key(), Objects.requireNonNull(entry.json()));
  }

  @Override
  public boolean has(String key) {
    Encoder.key(key);
    counters.get();
    return access.has(key);
  }

  @Override
  public List<String> keys() {
    return access.keys();
  }

  @Override
  public int size() {
    return keys().size();
  }

  @Override
  public long version() {
    return access.version();
  }

  @Override
  public Snapshot<V> snapshot() {
    return snapshots.newest();
  }
}
