package dev.holdfast.store.internal;

import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** States whose row is known to exist, so that the cheaper statement will do. Forgetting one costs nothing but that. Safe for use by multiple threads. */
final class KnownStates {

  private static final int MOST = 100_000;

  private final Set<UUID> states = ConcurrentHashMap.newKeySet();

  boolean contains(UUID state) {
    return states.contains(state);
  }

  /** Learns from a write. */
  void remember(ChangeSet set, WriteOutcome outcome) {
    if (outcome instanceof WriteOutcome.Written) {
      add(set.stateUuid());
    }
  }

  /** Starts over when there are too many: a list of what was used last would cost more than it saves. */
  void add(UUID state) {
    if (states.add(state) && states.size() > MOST) {
      states.clear();
    }
  }
}
