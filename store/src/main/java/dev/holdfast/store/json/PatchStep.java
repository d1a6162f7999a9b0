package dev.holdfast.store.json;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NumericNode;
import tools.jackson.databind.node.ObjectNode;

/** One operation of a patch on its way through a document, which it owns and changes in place. Confined to one thread. */
final class PatchStep {

  private static final Pattern INDEX = Pattern.compile("0|[1-9][0-9]*");
  private static final int MAX_INDEX_LENGTH = 9;

  /** RFC 6902 section 4.6: numbers are equal when they are numerically, so that 1 equals 1.0. */
  private static final Comparator<JsonNode> NUMERICALLY =
      (a, b) -> a.equals(b) || sameNumber(a, b) ? 0 : 1;

  private final int index;
  private final JsonPatch.Operation operation;
  private final CopyRoom room;
  private JsonNode root;

  PatchStep(int index, JsonPatch.Operation operation, JsonNode root, CopyRoom room) {
    this.index = index;
    this.operation = operation;
    this.root = root;
    this.room = room;
  }

  JsonNode apply() {
    JsonPath path = pointer(operation.path());
    switch (operation.op()) {
      case "add" -> add(path, value());
      case "remove" -> remove(path);
      case "replace" -> replace(path, value());
      case "move" -> move(source(), path);
      case "copy" -> add(path, copied(find(source().segments())));
      default -> test(path);
    }
    return root;
  }

  private void add(JsonPath path, JsonNode value) {
    if (path.isRoot()) {
      root = value;
      return;
    }
    JsonNode parent = parent(path);
    if (parent instanceof ObjectNode object) {
      object.set(path.last(), value);
    } else if (parent instanceof ArrayNode array) {
      int end = array.size();
      array.insert(path.last().equals("-") ? end : position(path.last(), end), value);
    } else {
      throw refused("the parent of the target is neither an array nor an object");
    }
  }

  private JsonNode copied(JsonNode value) {
    if (!room.take(value)) {
      throw refused("the patch copies more than may be stored");
    }
    return value.deepCopy();
  }

  private JsonNode remove(JsonPath path) {
    if (path.isRoot()) {
      throw refused("the whole document cannot be removed");
    }
    JsonNode removed = find(path.segments());
    if (parent(path) instanceof ArrayNode array) {
      array.remove(position(path.last(), array.size() - 1));
    } else {
      ((ObjectNode) parent(path)).remove(path.last());
    }
    return removed;
  }

  private void replace(JsonPath path, JsonNode value) {
    find(path.segments());
    if (path.isRoot()) {
      root = value;
    } else if (parent(path) instanceof ArrayNode array) {
      array.set(position(path.last(), array.size() - 1), value);
    } else {
      ((ObjectNode) parent(path)).set(path.last(), value);
    }
  }

  private void move(JsonPath from, JsonPath path) {
    if (from.isAncestorOf(path)) {
      throw refused("a value cannot be moved into itself");
    }
    JsonNode moved = find(from.segments());
    if (!from.equals(path)) {
      remove(from);
      add(path, moved);
    }
  }

  private void test(JsonPath path) {
    if (!find(path.segments()).equals(NUMERICALLY, value())) {
      throw refused("the value is not the one tested for");
    }
  }

  private JsonNode parent(JsonPath path) {
    return find(path.segments().subList(0, path.segments().size() - 1));
  }

  private JsonNode find(List<String> segments) {
    JsonNode node = root;
    for (String segment : segments) {
      node = child(node, segment);
    }
    return node;
  }

  private JsonNode child(JsonNode parent, String segment) {
    JsonNode child =
        parent.isArray() ? parent.get(position(segment, parent.size() - 1)) : parent.get(segment);
    if (child == null) {
      throw refused("there is no value");
    }
    return child;
  }

  private int position(String segment, int max) {
    if (!INDEX.matcher(segment).matches()) {
      throw refused(
          "the last element plus one, or no index at all, was given for an element of an array");
    }
    if (segment.length() > MAX_INDEX_LENGTH || Integer.parseInt(segment) > max) {
      throw refused("the index is beyond the end of the array");
    }
    return Integer.parseInt(segment);
  }

  private JsonPath source() {
    return pointer(
        Objects.requireNonNull(operation.from(), "the operation checks that it has from"));
  }

  private JsonNode value() {
    return Objects.requireNonNull(operation.value(), "the operation checks that it has a value");
  }

  private JsonPath pointer(String text) {
    return JsonPath.parse(text).orElseThrow(() -> refused("the path is not a JSON Pointer"));
  }

  private JsonPatchException refused(String problem) {
    return new JsonPatchException(
        "the patch does not apply: " + operation.op() + ": " + problem,
        index,
        operation.path(),
        null);
  }

  private static boolean sameNumber(JsonNode a, JsonNode b) {
    return a instanceof NumericNode first
        && b instanceof NumericNode second
        && !first.isNaN()
        && !second.isNaN()
        && first.decimalValue().compareTo(second.decimalValue()) == 0;
  }
}
