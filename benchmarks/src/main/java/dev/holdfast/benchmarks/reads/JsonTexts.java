package dev.holdfast.benchmarks.reads;

import dev.holdfast.store.json.Json;
import java.util.Map;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The keys of a state with their values as JSON text: what a query by hand gets, and what a snapshot holds until a value is asked for.
 * Immutable as long as nobody changes the map.
 */
record JsonTexts(Map<String, String> values) {

  ObjectNode toJson() {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    values.forEach((key, json) -> tree.set(key, Json.parse(json)));
    return tree;
  }
}
