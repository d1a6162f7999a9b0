package dev.holdfast.store;

import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.internal.StoredSnapshot;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * All keys and values of a state at one version. It never changes and never holds part of a change set. Values of mutable types are made
 * anew for every call, so what a caller does to one is seen by nobody. Safe for use by multiple threads; no method does I/O.
 *
 * <p>Two snapshots are equal when their state, version and content are.
 */
public final class Snapshot<V> {

  private final StateId id;
  private final long version;
  private final @Nullable Instant changedAt;
  private final Map<String, StoredEntry> entries;
  private final Codec<V> codec;

  Snapshot(
      StateId id,
      long version,
      @Nullable Instant changedAt,
      Map<String, StoredEntry> entries,
      Codec<V> codec) {
    this.id = id;
    this.version = version;
    this.changedAt = changedAt;
    this.entries = Collections.unmodifiableMap(entries);
    this.codec = codec;
  }

  /** This snapshot with what has changed since, the absent keys among it. */
  Snapshot<V> plus(StoredSnapshot changed) {
    return new Snapshot<>(
        id, changed.newest(), changed.newestAt(), merged(entries, changed.entries()), codec);
  }

  /** Both in bytewise order, and so is what becomes of them. */
  private static Map<String, StoredEntry> merged(
      Map<String, StoredEntry> known, Map<String, StoredEntry> changed) {
    Map<String, StoredEntry> merged = new LinkedHashMap<>();
    Iterator<StoredEntry> added = changed.values().stream()
        .filter(entry -> entry.isPresent() && !known.containsKey(entry.key()))
        .iterator();
    StoredEntry next = nextOf(added);
    for (StoredEntry entry : known.values()) {
      while (next != null && KeyOrder.BYTEWISE.compare(next.key(), entry.key()) < 0) {
        merged.put(next.key(), next);
        next = nextOf(added);
      }
      StoredEntry now = changed.getOrDefault(entry.key(), entry);
      if (now.isPresent()) {
        merged.put(now.key(), now);
      }
    }
    while (next != null) {
      merged.put(next.key(), next);
      next = nextOf(added);
    }
    return merged;
  }

  private static @Nullable StoredEntry nextOf(Iterator<StoredEntry> entries) {
    return entries.hasNext() ? entries.next() : null;
  }

  /** The state. */
  public StateId id() {
    return id;
  }

  /** The version whose content this is. */
  public long version() {
    return version;
  }

  /**
   * Database time of the version; empty for version 0, and in a snapshot from the read cache when this process made the version itself and
   * the database has not been asked for its time yet.
   */
  public Optional<Instant> changedAt() {
    return Optional.ofNullable(changedAt);
  }

  /** The value of a key; empty when the key is absent or holds JSON null. */
  public Optional<V> get(String key) {
    StoredEntry entry = entries.get(key);
    return entry == null ? Optional.empty() : Optional.ofNullable(decode(entry));
  }

  /**
   * The value of a key that must be there; null when it holds JSON null.
   *
   * @throws StateKeyException when the key is absent
   */
  public @Nullable V getRequired(String key) {
    StoredEntry entry = entries.get(key);
    if (entry == null) {
      throw new StateKeyException(id, key, someKeys());
    }
    return decode(entry);
  }

  private List<String> someKeys() {
    return entries.keySet().stream().limit(StateKeyException.MAX_SHOWN + 1L).toList();
  }

  /** The value of a key and the version that wrote it; empty when the key is absent. */
  public Optional<Versioned<V>> find(String key) {
    StoredEntry entry = entries.get(key);
    return entry == null
        ? Optional.empty()
        : Optional.of(new Versioned<>(decode(entry), entry.version()));
  }

  /** Whether the key is there, be it with JSON null. */
  public boolean has(String key) {
    return entries.containsKey(key);
  }

  /** The keys in bytewise order, unmodifiable. */
  public Set<String> keys() {
    return entries.keySet();
  }

  /** The number of keys. */
  public int size() {
    return entries.size();
  }

  /** Keys and values in bytewise order of the keys, as a copy; JSON null is Java null. */
  public Map<String, @Nullable V> asMap() {
    Map<String, @Nullable V> map = new LinkedHashMap<>();
    entries.forEach((key, entry) -> map.put(key, decode(entry)));
    return map;
  }

  /** The whole state as one JSON object, as a copy. */
  public ObjectNode toJson() {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    entries.forEach((key, entry) -> object.set(key, Json.parse(json(entry))));
    return object;
  }

  private @Nullable V decode(StoredEntry entry) {
    return Decoder.decode(codec, entry.key(), json(entry));
  }

  private static String json(StoredEntry entry) {
    return Objects.requireNonNull(entry.json());
  }

  Map<String, StoredEntry> entries() {
    return entries;
  }

  /** Whether both are the same state at the same version with the same content. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Snapshot<?> that
        && id.equals(that.id)
        && version == that.version
        && contents().equals(that.contents());
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, version);
  }

  private List<String> contents() {
    List<String> contents = new ArrayList<>();
    entries.forEach((key, entry) -> {
      contents.add(key);
      contents.add(json(entry));
    });
    return contents;
  }

  @Override
  public String toString() {
    return "Snapshot[" + id + ", version=" + version + ", keys=" + entries.size() + "]";
  }
}
