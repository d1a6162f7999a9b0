package dev.holdfast.store.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A list of operations that turns one JSON document into another, RFC 6902. Immutable.
 *
 * <p>Two patches are equal when their operations are, in the same order.
 */
public final class JsonPatch {

  private final List<Operation> operations;

  private JsonPatch(List<Operation> operations) {
    this.operations = List.copyOf(operations);
  }

  /**
   * The patch that a JSON array of operations stands for. Members that RFC 6902 does not know are ignored, as it demands.
   *
   * @throws JsonPatchException if it is malformed: not an array of objects, an unknown {@code op}, a missing member or a path that
   *     is no JSON Pointer
   */
  public static JsonPatch of(JsonNode patch) {
    if (!patch.isArray()) {
      throw new JsonPatchException("a JSON Patch must be an array", -1, "", null);
    }
    List<Operation> operations = new ArrayList<>(patch.size());
    for (JsonNode operation : patch) {
      operations.add(operation(operations.size(), operation));
    }
    return new JsonPatch(operations);
  }

  /**
   * The patch that a JSON text stands for, see {@link #of}.
   *
   * @throws CodecException if the text is not one strict JSON document
   * @throws JsonPatchException if it is malformed as a patch
   */
  public static JsonPatch parse(String json) {
    return of(Json.parse(json));
  }

  /**
   * A patch that turns one document into another: {@code between(a, b).apply(a)} equals {@code b}, where equal means the same
   * {@linkplain Json#canonical(JsonNode) canonical text}, so that 1 and 1.0 differ. It adds, removes and replaces only. Objects are
   * compared key by key; of arrays the common start and end are set aside and the rest is compared element by element.
   */
  public static JsonPatch between(JsonNode from, JsonNode to) {
    return new JsonPatch(new Difference().between(from, to));
  }

  /**
   * The document with all operations applied in order. The argument is never changed and shares nothing with the result.
   *
   * @throws JsonPatchException if an operation does not apply; no operation has an effect then
   */
  public JsonNode apply(JsonNode document) {
    return apply(document, new CopyRoom(Long.MAX_VALUE));
  }

  /**
   * The same for a patch that nobody has looked at: forty copies of a document into itself are a short text, and more than any memory holds.
   *
   * @param limits of the result; only how much may be copied is looked at here
   * @throws JsonPatchException if an operation does not apply, or what is copied takes more than {@code maxBytes}; no operation has an
   *     effect then
   */
  public JsonNode apply(JsonNode document, JsonLimits limits) {
    return apply(document, new CopyRoom(limits.maxBytes()));
  }

  private JsonNode apply(JsonNode document, CopyRoom room) {
    JsonNode result = document.deepCopy();
    for (int i = 0; i < operations.size(); i++) {
      result = new PatchStep(i, operations.get(i), result, room).apply();
    }
    return result;
  }

  /** The operations in order; cannot be changed. */
  public List<Operation> operations() {
    return operations;
  }

  /** Whether there is no operation at all. */
  public boolean isEmpty() {
    return operations.isEmpty();
  }

  /** The patch as a JSON array of its own. */
  public JsonNode toJson() {
    ArrayNode array = JsonNodeFactory.instance.arrayNode(operations.size());
    operations.forEach(operation -> array.add(operation.toJson()));
    return array;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JsonPatch patch && operations.equals(patch.operations);
  }

  @Override
  public int hashCode() {
    return operations.hashCode();
  }

  /** The patch as JSON text. */
  @Override
  public String toString() {
    return Json.write(toJson());
  }

  private static Operation operation(int index, JsonNode json) {
    try {
      return Operation.of(json);
    } catch (JsonPatchException malformed) {
      throw malformed.at(index);
    }
  }

  /**
   * One operation of a patch. Immutable: the value is copied on its way in and out.
   *
   * @param op {@code add}, {@code remove}, {@code replace}, {@code move}, {@code copy} or {@code test}
   * @param path JSON Pointer of the target, empty for the whole document
   * @param from JSON Pointer of the source of a move or copy, else null
   * @param value the value to add, replace with or test for, else null; JSON null is a {@code NullNode}
   */
  public record Operation(
      String op,
      String path,
      @Nullable String from,
      @Nullable JsonNode value) {

    private static final Set<String> WITH_VALUE = Set.of("add", "replace", "test");
    private static final Set<String> WITH_FROM = Set.of("move", "copy");

    /**
     * An operation that has what it needs, and nothing else.
     *
     * @throws JsonPatchException if it has not
     * @throws CodecException if the value has no JSON form
     */
    public Operation {
      require(
          op.equals("remove") || WITH_VALUE.contains(op) || WITH_FROM.contains(op),
          "the op must be add, remove, replace, move, copy or test",
          path);
      require(JsonPath.parse(path).isPresent(), "the path is not a JSON Pointer", path);
      require(from == null || JsonPath.parse(from).isPresent(), "from is not a JSON Pointer", path);
      require(
          WITH_FROM.contains(op) == (from != null),
          "move and copy, and only they, need from",
          path);
      require(
          WITH_VALUE.contains(op) == (value != null),
          "add, replace and test, and only they, need a value",
          path);
      value = value == null ? null : Json.json(value);
    }

    /** A copy of the value to add, replace with or test for; null if the operation has none. */
    @Override
    public @Nullable JsonNode value() {
      return value == null ? null : value.deepCopy();
    }

    private static Operation of(JsonNode json) {
      String path = text(json, "path", "");
      String op = text(json, "op", path);
      return new Operation(
          op,
          path,
          WITH_FROM.contains(op) ? text(json, "from", path) : null,
          WITH_VALUE.contains(op) ? json.get("value") : null);
    }

    private JsonNode toJson() {
      ObjectNode json = JsonNodeFactory.instance.objectNode().put("op", op);
      if (from != null) {
        json.put("from", from);
      }
      json.put("path", path);
      if (value != null) {
        json.set("value", value.deepCopy());
      }
      return json;
    }

    private static String text(JsonNode json, String member, String path) {
      JsonNode text = json.get(member);
      if (text == null || !text.isString()) {
        throw new JsonPatchException("an operation must have the text " + member, -1, path, null);
      }
      return text.stringValue();
    }

    private static void require(boolean condition, String problem, String path) {
      if (!condition) {
        throw new JsonPatchException(problem, -1, path, null);
      }
    }
  }
}
