package dev.holdfast.integration.model;

import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonPatch;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Random keys, values and versions. Confined to one thread. */
final class Dice {

  /** Bytewise the last two stand in the other order than Java's comparison of strings has them. */
  private static final List<String> KEYS = List.of(
      "log", "list", "count", "sum", "doc", "deep", "any", "Ünicode", "key/with~signs", "\uFF5A");

  private static final List<String> ACTORS = List.of("planner", "agent-7", "operator");

  private final Random random;

  Dice(long seed) {
    this.random = new Random(seed);
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  boolean oneIn(int times) {
    return below(times) == 0;
  }

  private <T> T oneOf(List<T> choices) {
    return choices.get(below(choices.size()));
  }

  /** Mostly the preferred key, so that what is done to it is mostly possible. */
  String key(String preferred) {
    return oneIn(6) ? anyKey() : preferred;
  }

  String anyKey() {
    return oneOf(KEYS);
  }

  @Nullable
  String actor() {
    return oneIn(4) ? null : oneOf(ACTORS);
  }

  /** From a little below what can be read up to a little above the newest. */
  long version(Model model) {
    return oneIn(20)
        ? model.version() + 3 - below((int) model.version() + 7)
        : model.oldest() + below((int) (model.version() - model.oldest()) + 1);
  }

  JsonNode value() {
    return value(0);
  }

  private JsonNode value(int depth) {
    return switch (below(depth > 2 ? 5 : 8)) {
      case 0 -> Json.json(null);
      case 1 -> Json.json(below(1000));
      case 2 -> Json.parse(below(100) + "." + below(100) + "0");
      case 3 -> Json.json(oneOf(List.of("", "grüße", "\"quoted\\\"", "a\nb\tc", "😀", "]}, [{")));
      case 4 -> Json.json(oneIn(2));
      case 5, 6 -> Json.json(values(below(4), depth + 1));
      default -> object(depth + 1);
    };
  }

  List<JsonNode> values(int count) {
    return values(count, 1);
  }

  private List<JsonNode> values(int count, int depth) {
    List<JsonNode> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(value(depth));
    }
    return values;
  }

  JsonNode object() {
    return object(1);
  }

  private JsonNode object(int depth) {
    Map<String, JsonNode> members = new LinkedHashMap<>();
    int count = below(5);
    for (int i = 0; i < count; i++) {
      members.put(member(), value(depth));
    }
    return Json.json(members);
  }

  private String member() {
    return oneOf(List.of("a", "b", "c", "a/b", "m~n", ""));
  }

  Map<String, JsonNode> batch() {
    Map<String, JsonNode> batch = new LinkedHashMap<>();
    int count = below(5);
    for (int i = 0; i < count; i++) {
      batch.put(anyKey(), value());
    }
    return batch;
  }

  BigDecimal decimal() {
    return new BigDecimal(below(2000) - 1000).movePointLeft(below(4));
  }

  JsonPatch patch() {
    List<String> operations = new ArrayList<>();
    int count = below(3);
    for (int i = 0; i < count; i++) {
      operations.add(patchOperation());
    }
    return JsonPatch.parse("[" + String.join(",", operations) + "]");
  }

  private String patchOperation() {
    String value = Json.write(value());
    return switch (below(6)) {
      case 0 -> "{\"op\":\"replace\",\"path\":\"\",\"value\":" + value + "}";
      case 1 -> "{\"op\":\"remove\",\"path\":\"/a\"}";
      case 2 -> "{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/c\"}";
      default ->
        "{\"op\":\"add\",\"path\":\"/" + oneOf(List.of("a", "b", "a~1b", "0")) + "\",\"value\":"
            + value + "}";
    };
  }
}
