package dev.holdfast.store;

import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonPatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Compares what keys have at two versions. */
final class Differ {

  private Differ() {}

  /** Keys that are in neither map have the same at both versions. */
  static StateDiff diff(
      long from, Map<String, StoredEntry> before, long to, Map<String, StoredEntry> after) {
    TreeSet<String> keys = new TreeSet<>(KeyOrder.BYTEWISE);
    keys.addAll(before.keySet());
    keys.addAll(after.keySet());
    Map<String, JsonPatch> byKey = new LinkedHashMap<>();
    for (String key : keys) {
      StoredEntry old = before.get(key);
      StoredEntry now = after.get(key);
      if (!isSameRow(old, now)) {
        JsonPatch patch = JsonPatch.between(only(key, old), only(key, now));
        if (!patch.isEmpty()) {
          byKey.put(key, patch);
        }
      }
    }
    return new StateDiff(from, to, byKey);
  }

  private static boolean isSameRow(@Nullable StoredEntry a, @Nullable StoredEntry b) {
    return a != null && b != null && a.version() == b.version();
  }

  private static ObjectNode only(String key, @Nullable StoredEntry entry) {
    ObjectNode one = JsonNodeFactory.instance.objectNode();
    String json = entry == null ? null : entry.json();
    if (json != null) {
      one.set(key, Json.parse(json));
    }
    return one;
  }
}
