package dev.holdfast.cache;

import java.util.Locale;

/** Which entry makes room when a cache is full. Entries that have expired go first. */
public enum CachePolicy {
  /**
   * Keeps what is used often and lately, and does not let a scan push it out: W-TinyLFU, as the library Caffeine implements it (Einziger,
   * Friedman and Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", 2017). A new entry can be the one that goes. The best choice
   * unless an exact order is asked for.
   */
  ADAPTIVE,
  /** The entry that was not read or written for the longest time goes. */
  LRU,
  /** The entry that was read least since it was written goes; among equals the one that was written first. */
  LFU,
  /** The entry that was written first goes. */
  FIFO;

  /** The name in contracts. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
