package dev.holdfast.cache;

import org.jspecify.annotations.Nullable;

/** Where the entries of a cache are, and which of them go. Safe for use by multiple threads, and never calls back. */
interface Entries<K, V> {

  /** The entry of a key, counted as a use; null if there is none, or it has expired. */
  @Nullable
  Entry<V> use(K key);

  /** Puts an entry; others may go. */
  void put(K key, Entry<V> entry);

  /** Removes the entry of a key, and says whether there was one that had not expired. */
  boolean remove(K key);

  /** Removes everything; nothing of it counts as evicted. */
  void clear();

  /** How many entries there are, expired ones included. */
  int size();

  /** How many of them have expired. */
  int expired();

  /** What is told of entries that go. */
  interface Listener {

    /** An entry made room. */
    void evicted();

    /** An entry had expired. */
    void expired();
  }
}
