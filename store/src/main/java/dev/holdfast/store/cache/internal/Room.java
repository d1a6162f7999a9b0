package dev.holdfast.store.cache.internal;

import dev.holdfast.store.cache.Eviction;
import dev.holdfast.store.cache.ReadCacheOptions;

/** What of the slots' contents is in memory, and which content makes room for others. Safe for use by multiple threads. */
interface Room {

  /** Room as the options have it. */
  static Room of(ReadCacheOptions options) {
    return options.eviction() == Eviction.LRU
        ? new LruRoom(options, System::nanoTime)
        : new AdaptiveRoom(options);
  }

  /** Somebody reads what a slot holds, which is counted if it was not. */
  void read(Slot slot);

  /** What a slot holds has changed: its weight is counted anew. Whoever comes last counts what is there then. */
  void account(Slot slot);

  /** How many contents there are, about. */
  long states();

  /** How much they take, in bytes as estimated. */
  long weight();

  /** How many made room for others. */
  long evictions();

  /** How many went because nobody had read them for long. */
  long expirations();

  /** Forgets all; not counted as evictions. */
  void clear();
}
