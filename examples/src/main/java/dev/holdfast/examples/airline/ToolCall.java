package dev.holdfast.examples.airline;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A call that an assistant's message asks for. Immutable.
 *
 * @param id what the tool's answer refers to; recordings use the same id for several calls of one run
 * @param tool which tool
 * @param arguments JSON text
 */
record ToolCall(String id, String tool, String arguments) {

  /** The calls of a message, in order. */
  static List<ToolCall> of(JsonNode message) {
    List<ToolCall> calls = new ArrayList<>();
    for (JsonNode call : message.path("tool_calls")) {
      JsonNode function = call.path("function");
      calls.add(new ToolCall(
          call.path("id").asString(""),
          function.path("name").asString(""),
          function.path("arguments").asString("")));
    }
    return calls;
  }

  /** The arguments as a tree; empty when they are not one JSON object. */
  Optional<ObjectNode> argumentTree() {
    return WritingTools.tree(arguments) instanceof ObjectNode object
        ? Optional.of(object)
        : Optional.empty();
  }
}
