package dev.holdfast;

import dev.holdfast.store.StateStore;
import dev.holdfast.store.cache.ReadMode;
import java.time.Duration;
import java.util.Collection;

/** The states of a store, to be loaded into its read cache. Safe for use by multiple threads. */
final class CachedStates implements WarmUp.States {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration VOUCHED = Duration.ofMinutes(1);
  private static final int LOOK_MILLIS = 5;
  private static final int READ_MILLIS = 1_000;

  private final StateStore store;

  CachedStates(StateStore store) {
    this.store = store;
  }

  /** What is loaded before the watch on changes has begun is not kept. A read makes it begin. */
  @Override
  public boolean await(String namespace) throws InterruptedException {
    for (int waited = 0; waited < PATIENCE.toMillis(); waited += LOOK_MILLIS) {
      if (waited % READ_MILLIS == 0) {
        load(namespace, "*");
      }
      if (store.readCacheMetrics().vouched().compareTo(VOUCHED) < 0) {
        return true;
      }
      Thread.sleep(LOOK_MILLIS);
    }
    return false;
  }

  @Override
  public Collection<String> names(String namespace, String after, int limit) {
    return store.states(namespace, after, limit).keySet();
  }

  @Override
  public boolean load(String namespace, String name) {
    return store.state(namespace, name).reading(ReadMode.CACHED).version() > 0;
  }

  @Override
  public boolean isFull() {
    return store.readCacheMetrics().evictions() > 0;
  }
}
