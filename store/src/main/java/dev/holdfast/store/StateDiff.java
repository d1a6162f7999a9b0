package dev.holdfast.store;

import dev.holdfast.store.json.JsonPatch;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What turns one version of a state into another. Immutable.
 *
 * @param from the version to start from
 * @param to the version that results
 * @param byKey for every key that differs, in bytewise order, the RFC 6902 operations; their paths begin with the key, so that they apply
 *     to the object that {@link Snapshot#toJson()} gives
 */
public record StateDiff(long from, long to, Map<String, JsonPatch> byKey) {

  /** Copies the map in its order. */
  public StateDiff {
    byKey = Collections.unmodifiableMap(new LinkedHashMap<>(byKey));
  }

  /** Whether both versions have the same content. */
  public boolean isEmpty() {
    return byKey.isEmpty();
  }
}
