package dev.holdfast.integration.model;

import dev.holdfast.store.Versioned;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.history.Origin;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.json.JsonPatchException;
import dev.holdfast.store.json.MergePatch;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A state as a map per version, all in memory: the rules of the store in their plainest form. A stored JSON null is a {@code NullNode}
 * here and an absent key is no entry. Confined to one thread.
 */
final class Model {

  static final Comparator<String> BYTEWISE = (a, b) -> Arrays.compareUnsigned(utf8(a), utf8(b));

  private static final Origin NOBODY = new Origin(null, null, Instant.EPOCH, new UUID(0, 0), null);

  private final Fault fault;
  private final List<NavigableMap<String, Versioned<JsonNode>>> versions = new ArrayList<>();
  private final List<Change<JsonNode>> history = new ArrayList<>();
  private long oldest;
  private Origin author = NOBODY;

  Model(Fault fault) {
    this.fault = fault;
    versions.add(new TreeMap<>(BYTEWISE));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  void author(@Nullable String actor) {
    author = new Origin(actor, null, Instant.EPOCH, new UUID(0, 0), null);
  }

  long version() {
    return versions.size() - 1L;
  }

  long oldest() {
    return oldest;
  }

  NavigableMap<String, Versioned<JsonNode>> entries() {
    return versions.get(versions.size() - 1);
  }

  /** All keys and values at a version, as {@link Outcome} writes a snapshot. */
  String at(long version) {
    requireReadable(version);
    return version + " " + Outcome.text(versions.get((int) version));
  }

  /** The content of the second version and the keys that differ from the first, in order. */
  String diff(long from, long to) {
    requireReadable(from);
    requireReadable(to);
    NavigableMap<String, Versioned<JsonNode>> before = versions.get((int) from);
    NavigableMap<String, Versioned<JsonNode>> after = versions.get((int) to);
    TreeSet<String> keys = new TreeSet<>(BYTEWISE);
    keys.addAll(before.keySet());
    keys.addAll(after.keySet());
    keys.removeIf(key -> text(before.get(key)).equals(text(after.get(key))));
    return Json.canonical(toJson(after)) + " " + List.copyOf(keys);
  }

  private static String text(@Nullable Versioned<JsonNode> entry) {
    return entry == null ? "absent" : Outcome.text(entry.value());
  }

  private static JsonNode toJson(Map<String, Versioned<JsonNode>> entries) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    entries.forEach((key, entry) -> object.set(key, entry.value()));
    return object;
  }

  private void requireReadable(long version) {
    requireExists(version);
    if (version < oldest) {
      throw new Refusal("StateRollbackException", version, oldest);
    }
  }

  private void requireExists(long version) {
    if (version < 0 || version > version()) {
      throw new Refusal("StateVersionException", version < 0 ? 0 : version(), version);
    }
  }

  /** The changes that can be read, oldest first. */
  List<Change<JsonNode>> history() {
    return history.stream().filter(change -> change.version() > oldest).toList();
  }

  @Nullable
  JsonNode value(String key) {
    Versioned<JsonNode> entry = entries().get(key);
    return entry == null ? null : entry.value();
  }

  /** The value as a callback sees it: null when absent or JSON null. */
  @Nullable
  JsonNode seen(String key) {
    JsonNode value = value(key);
    return value == null || value.isNull() ? null : value;
  }

  JsonNode required(String key) {
    JsonNode value = value(key);
    if (value == null) {
      throw new Refusal(
          "StateKeyException", key, entries().keySet().stream().limit(10).toList());
    }
    return value;
  }

  /** One change set; a null value removes the key. */
  long write(Operation operation, Map<String, ? extends @Nullable JsonNode> values) {
    Map<String, Operation> operations = new LinkedHashMap<>();
    values.forEach((key, value) -> operations.put(key, operation));
    return write(operations, values);
  }

  /** One change set whose keys come from different operations. */
  long write(Map<String, Operation> operations, Map<String, ? extends @Nullable JsonNode> values) {
    NavigableMap<String, Versioned<JsonNode>> next = new TreeMap<>(entries());
    List<Change<JsonNode>> changes = new ArrayList<>();
    values.keySet().stream().sorted(BYTEWISE).forEach(key -> {
      Operation operation = operations.getOrDefault(key, Operation.SET);
      Versioned<JsonNode> before = next.get(key);
      JsonNode value = values.get(key);
      if (isChange(operation, before, value)) {
        changes.add(change(next, key, operation, value));
      }
    });
    return changes.isEmpty() ? version() : commit(next, changes);
  }

  private boolean isChange(
      Operation operation, @Nullable Versioned<JsonNode> before, @Nullable JsonNode value) {
    if (fault == Fault.IGNORES_EQUAL_VALUES && before != null && value != null) {
      return !value.equals(before.value());
    }
    return before != null || value != null || operation == Operation.ROLLBACK;
  }

  private Change<JsonNode> change(
      Map<String, Versioned<JsonNode>> next,
      String key,
      Operation operation,
      @Nullable JsonNode value) {
    long version = version() + 1;
    Versioned<JsonNode> before = next.get(key);
    boolean absent = value == null || (fault == Fault.TAKES_NULL_FOR_ABSENT && value.isNull());
    Versioned<JsonNode> after = absent ? null : new Versioned<>(value, version);
    if (after == null) {
      next.remove(key);
    } else {
      next.put(key, after);
    }
    return new Change<>(version, key, operation, before, after, author);
  }

  private long commit(
      NavigableMap<String, Versioned<JsonNode>> next, List<Change<JsonNode>> changes) {
    versions.add(next);
    history.addAll(changes);
    return version();
  }

  long compareAndSet(
      long expected, Map<String, Operation> operations, Map<String, @Nullable JsonNode> values) {
    if (expected != version()) {
      throw new Refusal("ConflictException", "-", expected, version());
    }
    return write(operations, values);
  }

  boolean delete(String key) {
    long before = version();
    Map<String, @Nullable JsonNode> removed = new LinkedHashMap<>();
    removed.put(key, null);
    return write(Operation.DELETE, removed) != before;
  }

  long clear() {
    Map<String, @Nullable JsonNode> removed = new LinkedHashMap<>();
    entries().keySet().forEach(key -> removed.put(key, null));
    return write(Operation.CLEAR, removed);
  }

  Optional<JsonNode> compute(
      String key, Operation operation, UnaryOperator<@Nullable JsonNode> function) {
    JsonNode value = function.apply(seen(key));
    Map<String, @Nullable JsonNode> values = new LinkedHashMap<>();
    values.put(key, value);
    write(operation, values);
    return Optional.ofNullable(value);
  }

  boolean putIfAbsent(String key, JsonNode value) {
    if (value(key) != null) {
      return false;
    }
    write(Operation.PUT_IF_ABSENT, Map.of(key, value));
    return true;
  }

  BigDecimal increment(String key, BigDecimal by, boolean whole) {
    JsonNode value = value(key);
    if (value != null && !value.isNumber()) {
      throw new Refusal("ValueTypeException", "VALUE_TYPE");
    }
    BigDecimal sum = (value == null ? BigDecimal.ZERO : value.decimalValue()).add(by);
    if (whole && sum.stripTrailingZeros().scale() > 0) {
      throw new Refusal("ValueTypeException", "VALUE_TYPE");
    }
    write(Operation.INCREMENT, Map.of(key, Json.parse(sum.toString())));
    return sum;
  }

  JsonNode appended(String key, List<JsonNode> elements) {
    JsonNode value = value(key);
    if (value != null && !value.isArray()) {
      throw new Refusal("ValueTypeException", "VALUE_TYPE");
    }
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    if (value != null) {
      value.forEach(array::add);
    }
    return array.addAll(elements);
  }

  long append(String key, List<JsonNode> elements) {
    return elements.isEmpty()
        ? version()
        : write(Operation.APPEND, Map.of(key, appended(key, elements)));
  }

  long patch(String key, JsonPatch patch) {
    JsonNode before = required(key);
    try {
      return write(Operation.PATCH, Map.of(key, patch.apply(before)));
    } catch (JsonPatchException e) {
      throw new Refusal("JsonPatchException", e.code());
    }
  }

  long patch(String key, MergePatch patch) {
    return write(Operation.PATCH, Map.of(key, patch.apply(value(key))));
  }

  long rollback(long target) {
    if (target >= 0 && target < oldest) {
      throw new Refusal("StateRollbackException", target, oldest);
    }
    requireExists(target);
    if (target == version()) {
      return target;
    }
    if (fault == Fault.REUSES_VERSIONS_AFTER_ROLLBACK) {
      versions.subList((int) target + 1, versions.size()).clear();
      return target;
    }
    NavigableMap<String, Versioned<JsonNode>> before = versions.get((int) target);
    Map<String, @Nullable JsonNode> values = new LinkedHashMap<>();
    history.stream().filter(change -> change.version() > target).forEach(change -> {
      Versioned<JsonNode> old = before.get(change.key());
      values.put(change.key(), old == null ? null : old.value());
    });
    return write(Operation.ROLLBACK, values);
  }

  long clearHistoryBefore(long version) {
    requireExists(version);
    oldest = Math.max(oldest, version);
    return oldest;
  }
}
