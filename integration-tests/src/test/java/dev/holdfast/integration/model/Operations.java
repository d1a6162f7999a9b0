package dev.holdfast.integration.model;

import dev.holdfast.store.Changes;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.json.MergePatch;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Random calls that write. Confined to one thread. */
final class Operations {

  private static final String LONE_SURROGATE = "\ud83d";

  private final Dice dice;

  Operations(Dice dice) {
    this.dice = dice;
  }

  Step next(Model model) {
    int choice = dice.below(100);
    if (choice < 30) {
      return whole(choice % 6);
    }
    if (choice < 55) {
      return readModifyWrite(choice % 5);
    }
    if (choice < 75) {
      return append();
    }
    return choice < 90 ? patchOrSwap(choice % 3, model) : rare(choice, model);
  }

  private Step whole(int choice) {
    return switch (choice) {
      case 0 -> update();
      case 1 -> apply();
      case 2 -> delete();
      default -> set();
    };
  }

  private Step readModifyWrite(int choice) {
    return switch (choice) {
      case 0 -> compute();
      case 1 -> merge();
      case 2 -> putIfAbsent();
      case 3 -> incrementWhole();
      default -> incrementDecimal();
    };
  }

  private Step patchOrSwap(int choice, Model model) {
    return switch (choice) {
      case 0 -> jsonPatch();
      case 1 -> mergePatch();
      default -> compareAndSet(model);
    };
  }

  private Step rare(int choice, Model model) {
    if (choice < 94) {
      return rollback(model);
    }
    if (choice < 96) {
      return badInput();
    }
    return choice < 98 ? clear() : clearHistoryBefore(model);
  }

  private static @Nullable JsonNode asArgument(JsonNode value) {
    return value.isNull() ? null : value;
  }

  private static Map<String, @Nullable JsonNode> asArguments(Map<String, JsonNode> values) {
    Map<String, @Nullable JsonNode> arguments = new LinkedHashMap<>();
    values.forEach((key, value) -> arguments.put(key, asArgument(value)));
    return arguments;
  }

  private Step set() {
    String key = dice.key("any");
    JsonNode value = dice.value();
    return new Step(
        "set " + key + " " + value,
        state -> state.set(key, asArgument(value)),
        model -> model.write(Operation.SET, Map.of(key, value)));
  }

  private Step update() {
    Map<String, JsonNode> values = dice.batch();
    return new Step(
        "update " + values,
        state -> state.update(asArguments(values)),
        model -> model.write(Operation.UPDATE, values));
  }

  private Step apply() {
    Batch batch = batch();
    return new Step(
        "apply " + batch,
        state -> state.apply(batch.changes()),
        model -> model.write(batch.operations(), batch.values(model)));
  }

  private Step compareAndSet(Model model) {
    Batch batch = batch();
    long expected = dice.oneIn(3) ? dice.below((int) model.version() + 2) : model.version();
    return new Step(
        "compareAndSet " + expected + " " + batch,
        state -> state.compareAndSet(expected, batch.changes()),
        // The version is looked at before the values are.
        swapped -> swapped.version() == expected
            ? swapped.compareAndSet(expected, batch.operations(), batch.values(swapped))
            : swapped.compareAndSet(expected, Map.of(), Map.of()));
  }

  private Batch batch() {
    Map<String, JsonNode> sets = dice.batch();
    String deleted = dice.anyKey();
    String appended = dice.key("log");
    sets.remove(deleted);
    sets.remove(appended);
    boolean appends = dice.oneIn(2) && !appended.equals(deleted);
    return new Batch(
        sets,
        dice.oneIn(2) ? List.of(deleted) : List.of(),
        appends ? Map.of(appended, dice.values(dice.below(3))) : Map.of());
  }

  private Step delete() {
    String key = dice.anyKey();
    return new Step("delete " + key, state -> state.delete(key), model -> model.delete(key));
  }

  private Step clear() {
    return new Step("clear", state -> state.clear(), Model::clear);
  }

  private Step compute() {
    String key = dice.key("deep");
    JsonNode salt = dice.value();
    boolean removes = dice.oneIn(6);
    UnaryOperator<@Nullable JsonNode> function = seen -> removes
        ? null
        : Json.json(Map.of("salt", salt, "saw", Outcome.text(seen).length()));
    return new Step(
        "compute " + key + (removes ? " to nothing" : " with " + salt),
        state -> state.compute(key, function),
        model -> model.compute(key, Operation.COMPUTE, function));
  }

  private Step merge() {
    String key = dice.key("deep");
    JsonNode given = Json.json(List.of(dice.below(10)));
    boolean removes = dice.oneIn(6);
    return new Step(
        "merge " + key + " " + given + (removes ? " to nothing" : ""),
        state -> state.merge(key, given, (stored, value) -> merged(stored, value, removes)),
        model -> model.compute(
            key, Operation.MERGE, seen -> seen == null ? given : merged(seen, given, removes)));
  }

  private static @Nullable JsonNode merged(
      @Nullable JsonNode stored, @Nullable JsonNode given, boolean removes) {
    return removes
        ? null
        : Json.json(List.of(Outcome.text(stored).hashCode(), Outcome.text(given)));
  }

  private Step putIfAbsent() {
    String key = dice.anyKey();
    JsonNode value = dice.value();
    return new Step(
        "putIfAbsent " + key + " " + value,
        state -> state.putIfAbsent(key, asArgument(value)),
        model -> model.putIfAbsent(key, value));
  }

  private Step incrementWhole() {
    String key = dice.key("count");
    long by = dice.below(200) - 100L;
    return new Step(
        "increment " + key + " by " + by,
        state -> state.increment(key, by),
        model -> model.increment(key, BigDecimal.valueOf(by), true).longValueExact());
  }

  private Step incrementDecimal() {
    String key = dice.key("sum");
    BigDecimal by = dice.decimal();
    return new Step(
        "increment " + key + " by decimal " + by,
        state -> state.increment(key, by),
        model -> model.increment(key, by, false));
  }

  private Step append() {
    String key = dice.key(dice.oneIn(5) ? "list" : "log");
    List<JsonNode> elements = dice.values(dice.oneIn(4) ? dice.below(4) : 1);
    return new Step(
        "append " + key + " " + elements,
        state -> elements.size() == 1
            ? state.append(key, asArgument(elements.get(0)))
            : state.appendAll(key, elements),
        model -> model.append(key, elements));
  }

  private Step jsonPatch() {
    String key = dice.key(dice.oneIn(4) ? "list" : "doc");
    JsonPatch patch = dice.patch();
    return new Step(
        "patch " + key + " " + patch,
        state -> state.patch(key, patch),
        model -> model.patch(key, patch));
  }

  private Step mergePatch() {
    String key = dice.key("doc");
    MergePatch patch = MergePatch.of(dice.oneIn(10) ? dice.value() : dice.object());
    return new Step(
        "merge patch " + key + " " + patch,
        state -> state.patch(key, patch),
        model -> model.patch(key, patch));
  }

  private Step rollback(Model model) {
    long target = dice.version(model);
    return new Step(
        "rollback " + target, state -> state.rollback(target), rolled -> rolled.rollback(target));
  }

  private Step clearHistoryBefore(Model model) {
    long version = dice.oneIn(4)
        ? dice.version(model)
        : model.oldest() + (model.version() - model.oldest()) / 4;
    return new Step(
        "clearHistoryBefore " + version,
        state -> state.clearHistoryBefore(version),
        cleared -> cleared.clearHistoryBefore(version));
  }

  /** The second of two changes cannot be stored, so the first must not be either. */
  private Step badInput() {
    Map<String, JsonNode> values = new LinkedHashMap<>(dice.batch());
    boolean badKey = dice.oneIn(2);
    values.put(badKey ? "" : "bad", badKey ? Json.json(1) : unstorable());
    return new Step(
        "update with " + (badKey ? "an empty key " : "a lone surrogate ") + values.keySet(),
        state -> state.update(asArguments(values)),
        model -> {
          throw badKey
              ? new Refusal("HoldfastException", "INVALID_ARGUMENT")
              : new Refusal("CodecException", "CODEC");
        });
  }

  private static JsonNode unstorable() {
    return JsonNodeFactory.instance.arrayNode().add(LONE_SURROGATE);
  }

  /** Changes of several kinds, each key in one of them. */
  private record Batch(
      Map<String, JsonNode> sets, List<String> deletes, Map<String, List<JsonNode>> appends) {

    Changes<JsonNode> changes() {
      Changes<JsonNode> changes = Changes.setAll(asArguments(sets));
      for (String key : deletes) {
        changes = changes.andDelete(key);
      }
      for (Map.Entry<String, List<JsonNode>> append : appends.entrySet()) {
        changes = changes.andAppend(append.getKey(), append.getValue().toArray());
      }
      return changes;
    }

    Map<String, Operation> operations() {
      Map<String, Operation> operations = new LinkedHashMap<>();
      deletes.forEach(key -> operations.put(key, Operation.DELETE));
      appends.keySet().forEach(key -> operations.put(key, Operation.APPEND));
      return operations;
    }

    Map<String, @Nullable JsonNode> values(Model model) {
      Map<String, @Nullable JsonNode> values = new LinkedHashMap<>(sets);
      deletes.forEach(key -> values.put(key, null));
      appends.forEach((key, elements) -> {
        if (!elements.isEmpty()) {
          values.put(key, model.appended(key, elements));
        }
      });
      return values;
    }
  }
}
