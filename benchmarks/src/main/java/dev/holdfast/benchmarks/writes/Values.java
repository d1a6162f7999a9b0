package dev.holdfast.benchmarks.writes;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The keys and the values that are written: small objects of about 64 bytes. */
final class Values {

  private Values() {}

  static String key(int number) {
    return String.format("key-%04d", number);
  }

  static JsonNode next(Random random) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("count", random.nextInt(1000))
        .put("text", Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong()));
  }

  /** So many keys, from the first one on, with new values. */
  static Map<String, JsonNode> next(int keys, Random random) {
    Map<String, JsonNode> values = new LinkedHashMap<>();
    for (int i = 0; i < keys; i++) {
      values.put(key(i), next(random));
    }
    return values;
  }
}
