package dev.holdfast.store;

import dev.holdfast.store.json.JsonPatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Compares two snapshots key by key. */
final class Differ {

  private Differ() {}

  static StateDiff diff(Snapshot<?> from, Snapshot<?> to) {
    ObjectNode before = from.toJson();
    ObjectNode after = to.toJson();
    Map<String, JsonPatch> byKey = new LinkedHashMap<>();
    TreeSet<String> keys = new TreeSet<>(KeyOrder.BYTEWISE);
    keys.addAll(from.keys());
    keys.addAll(to.keys());
    for (String key : keys) {
      JsonPatch patch = JsonPatch.between(only(key, before), only(key, after));
      if (!patch.isEmpty()) {
        byKey.put(key, patch);
      }
    }
    return new StateDiff(from.version(), to.version(), byKey);
  }

  private static ObjectNode only(String key, ObjectNode all) {
    ObjectNode one = JsonNodeFactory.instance.objectNode();
    if (all.has(key)) {
      one.set(key, all.get(key));
    }
    return one;
  }
}
