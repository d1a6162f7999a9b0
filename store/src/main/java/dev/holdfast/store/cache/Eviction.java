package dev.holdfast.store.cache;

/** Which state makes room for another in the cache of states. */
public enum Eviction {
  /** Recency and frequency together, by the ratio that suits the reads (Caffeine's W-TinyLFU). The default; a scan of many states does not empty it. */
  ADAPTIVE,
  /**
   * The state that nobody has read for the longest time. Reads of a state within 50 ms count as one; writes do not count.
   */
  LRU
}
