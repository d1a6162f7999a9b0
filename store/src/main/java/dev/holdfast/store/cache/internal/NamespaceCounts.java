package dev.holdfast.store.cache.internal;

import dev.holdfast.store.cache.NamespaceReads;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Hits and misses of the first namespaces, and of all others together. Safe for use by multiple threads. */
public final class NamespaceCounts {

  private static final int MOST = 100;
  private static final String OTHERS = "other";

  private final Map<String, Count> counts = new ConcurrentHashMap<>();

  /** The hits and misses of one namespace. */
  public static final class Count {

    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    /** A read was answered from memory. */
    public void hit() {
      hits.increment();
    }

    /** A read asked the database. */
    public void miss() {
      misses.increment();
    }
  }

  synchronized Count of(String namespace) {
    boolean isKnown = counts.containsKey(namespace) || counts.size() < MOST;
    return counts.computeIfAbsent(isKnown ? namespace : OTHERS, key -> new Count());
  }

  Map<String, NamespaceReads> copy() {
    Map<String, NamespaceReads> copy = new TreeMap<>();
    counts.forEach((namespace, count) ->
        copy.put(namespace, new NamespaceReads(count.hits.sum(), count.misses.sum())));
    return copy;
  }
}
