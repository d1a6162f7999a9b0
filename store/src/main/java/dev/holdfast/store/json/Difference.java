package dev.holdfast.store.json;

import dev.holdfast.store.json.internal.PointerSegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Collects the operations that turn one document into another. Confined to one thread, used once. */
final class Difference {

  /** As equal as the canonical text: another digit is another number. Trees that were not read may mix types of nodes. */
  private static final Comparator<JsonNode> EXACTLY =
      (a, b) -> a.equals(b) || isWrittenAlike(a, b) ? 0 : 1;

  private final List<JsonPatch.Operation> operations = new ArrayList<>();
  private final Deque<String> path = new ArrayDeque<>();

  List<JsonPatch.Operation> between(JsonNode from, JsonNode to) {
    compare(from, to);
    return operations;
  }

  private void compare(JsonNode from, JsonNode to) {
    if (from.isObject() && to.isObject()) {
      compareObjects(from, to);
    } else if (from.isArray() && to.isArray()) {
      compareArrays(from, to);
    } else if (!same(from, to)) {
      emit("replace", to);
    }
  }

  private void compareObjects(JsonNode from, JsonNode to) {
    for (Map.Entry<String, JsonNode> entry : from.properties()) {
      JsonNode other = to.get(entry.getKey());
      path.addLast(entry.getKey());
      if (other == null) {
        emitRemove();
      } else {
        compare(entry.getValue(), other);
      }
      path.removeLast();
    }
    for (Map.Entry<String, JsonNode> entry : to.properties()) {
      if (!from.has(entry.getKey())) {
        emitAt(entry.getKey(), "add", entry.getValue());
      }
    }
  }

  private void compareArrays(JsonNode from, JsonNode to) {
    int start = commonStart(from, to);
    int end = commonEnd(from, to, start);
    int fromEnd = from.size() - end;
    int toEnd = to.size() - end;
    for (int i = start; i < Math.min(fromEnd, toEnd); i++) {
      path.addLast(Integer.toString(i));
      compare(from.get(i), to.get(i));
      path.removeLast();
    }
    for (int i = fromEnd - 1; i >= toEnd; i--) {
      path.addLast(Integer.toString(i));
      emitRemove();
      path.removeLast();
    }
    for (int i = fromEnd; i < toEnd; i++) {
      emitAt(Integer.toString(i), "add", to.get(i));
    }
  }

  private static int commonStart(JsonNode from, JsonNode to) {
    int max = Math.min(from.size(), to.size());
    int start = 0;
    while (start < max && same(from.get(start), to.get(start))) {
      start++;
    }
    return start;
  }

  private static int commonEnd(JsonNode from, JsonNode to, int start) {
    int max = Math.min(from.size(), to.size()) - start;
    int end = 0;
    while (end < max && same(from.get(from.size() - 1 - end), to.get(to.size() - 1 - end))) {
      end++;
    }
    return end;
  }

  private static boolean same(JsonNode from, JsonNode to) {
    return from.equals(EXACTLY, to);
  }

  private static boolean isWrittenAlike(JsonNode a, JsonNode b) {
    return a.isNumber() && b.isNumber() && a.asString().equals(b.asString());
  }

  private void emitAt(String segment, String op, JsonNode value) {
    path.addLast(segment);
    emit(op, value);
    path.removeLast();
  }

  private void emit(String op, JsonNode value) {
    operations.add(new JsonPatch.Operation(op, pointer(), null, value));
  }

  private void emitRemove() {
    operations.add(new JsonPatch.Operation("remove", pointer(), null, null));
  }

  private String pointer() {
    StringBuilder pointer = new StringBuilder();
    path.forEach(segment -> pointer.append('/').append(PointerSegment.escape(segment)));
    return pointer.toString();
  }
}
