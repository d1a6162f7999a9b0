package dev.holdfast.store;

import dev.holdfast.store.cache.internal.Content;
import dev.holdfast.store.cache.internal.Value;
import dev.holdfast.store.internal.StoredEntry;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a snapshot that came from memory. They are put in order when somebody wants them all, for most readers want a few. Immutable.
 */
final class CachedEntries extends AbstractMap<String, StoredEntry> {

  private final Content content;
  private volatile @Nullable List<Map.Entry<String, StoredEntry>> ordered;

  CachedEntries(Content content) {
    this.content = content;
  }

  /** The keys in bytewise order. */
  static List<String> sortedKeys(Content content) {
    List<String> keys = new ArrayList<>(content.values().size());
    content.values().forEach((key, value) -> keys.add(key));
    keys.sort(KeyOrder.BYTEWISE);
    return keys;
  }

  @Override
  public @Nullable StoredEntry get(@Nullable Object key) {
    Value value = key instanceof String text ? content.values().get(text) : null;
    return value == null ? null : value.entry();
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return get(key) != null;
  }

  @Override
  public int size() {
    return content.values().size();
  }

  @Override
  public Set<Map.Entry<String, StoredEntry>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public Iterator<Map.Entry<String, StoredEntry>> iterator() {
        return ordered().iterator();
      }

      @Override
      public int size() {
        return CachedEntries.this.size();
      }
    };
  }

  private List<Map.Entry<String, StoredEntry>> ordered() {
    List<Map.Entry<String, StoredEntry>> known = ordered;
    if (known == null) {
      known = sortedKeys(content).stream()
          .map(key -> Map.entry(key, Objects.requireNonNull(get(key))))
          .toList();
      ordered = known;
    }
    return known;
  }
}
