package dev.holdfast.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Entries in Caffeine. Reads take no lock. What has expired is never returned, and is removed, and counted, within about a second. */
final class AdaptiveEntries<K, V> implements Entries<K, V> {

  private final Cache<K, Entry<V>> cache;
  private final LongSupplier clock;

  AdaptiveEntries(int maximumSize, LongSupplier clock, Listener listener) {
    this.clock = clock;
    this.cache = Caffeine.newBuilder()
        .maximumSize(maximumSize)
        .ticker(clock::getAsLong)
        .expireAfter(new EntryExpiry<K, V>(clock))
        .executor(Runnable::run)
        .evictionListener((@Nullable K key, @Nullable Entry<V> entry, RemovalCause cause) -> {
          if (cause == RemovalCause.EXPIRED) {
            listener.expired();
          } else {
            listener.evicted();
          }
        })
        .build();
  }

  @Override
  public @Nullable Entry<V> use(K key) {
    return cache.getIfPresent(key);
  }

  @Override
  public void put(K key, Entry<V> entry) {
    cache.put(key, entry);
  }

  @Override
  public boolean remove(K key) {
    return cache.asMap().remove(key) != null;
  }

  @Override
  public void clear() {
    cache.invalidateAll();
  }

  @Override
  public int size() {
    cache.cleanUp();
    return (int) cache.estimatedSize();
  }

  @Override
  public int expired() {
    long now = clock.getAsLong();
    // Caffeine hides what has expired and not been removed yet: it is what is counted and not seen.
    long seen =
        cache.asMap().values().stream().filter(entry -> !entry.isExpired(now)).count();
    return (int) Math.max(0, cache.estimatedSize() - seen);
  }

  /** Reading does not prolong a life. */
  private record EntryExpiry<K, V>(LongSupplier clock) implements Expiry<K, Entry<V>> {

    @Override
    public long expireAfterCreate(K key, Entry<V> entry, long now) {
      return entry.end() == Entry.NEVER ? Long.MAX_VALUE : entry.end() - clock.getAsLong();
    }

    @Override
    public long expireAfterUpdate(K key, Entry<V> entry, long now, long left) {
      return expireAfterCreate(key, entry, now);
    }

    @Override
    public long expireAfterRead(K key, Entry<V> entry, long now, long left) {
      return left;
    }
  }
}
