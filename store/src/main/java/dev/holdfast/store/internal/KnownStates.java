package dev.holdfast.store.internal;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * States whose row is known to exist, so that the cheaper statement will do, and about which version they have, so that what was written is not
 * looked for in all of their history. Forgetting one costs nothing but that. Safe for use by multiple threads.
 */
final class KnownStates {

  private static final int MOST = 100_000;

  /** So many versions make the look no longer, and learning each would have all writers of a state meet here. */
  private static final int MOST_BEHIND = 256;

  /** With a version that was committed. */
  private final Map<UUID, Long> states = new ConcurrentHashMap<>();

  boolean contains(UUID state) {
    return states.containsKey(state);
  }

  /** A version that the state had at some time, 0 when none is known. */
  long version(UUID state) {
    return states.getOrDefault(state, 0L);
  }

  /** Learns from a write. */
  void remember(ChangeSet set, WriteOutcome outcome) {
    if (outcome instanceof WriteOutcome.Written written) {
      Long before = states.get(set.stateUuid());
      if (before == null || Math.abs(written.version() - before) > MOST_BEHIND) {
        put(set.stateUuid(), written.version());
      }
    }
  }

  void add(UUID state) {
    if (!contains(state)) {
      put(state, 0);
    }
  }

  /** Starts over when there are too many: a list of what was used last would cost more than it saves. */
  private void put(UUID state, long version) {
    if (states.put(state, version) == null && states.size() > MOST) {
      states.clear();
    }
  }
}
