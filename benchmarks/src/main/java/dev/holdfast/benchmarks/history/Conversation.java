package dev.holdfast.benchmarks.history;

import dev.holdfast.store.Changes;
import dev.holdfast.store.State;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.StringNode;

/** A way to write the steps of one conversation to one state: a message and the phase that follows from it. Confined to one thread. */
interface Conversation {

  /** The key of the list of messages. */
  String MESSAGES = "messages";

  /** The key of the phase. */
  String PHASE = "phase";

  /** Writes one step. */
  void step(int number, JsonNode message);

  /** Two calls, two versions. */
  static Conversation twoCalls(State<JsonNode> state) {
    return (number, message) -> {
      state.append(MESSAGES, message);
      state.set(PHASE, phase(number));
    };
  }

  /** One change set, one version. */
  static Conversation oneChangeSet(State<JsonNode> state) {
    return (number, message) ->
        state.apply(Changes.<JsonNode>append(MESSAGES, message).andSet(PHASE, phase(number)));
  }

  /** The whole list each time, as a checkpointer does. */
  static Conversation rewriting(State<JsonNode> state) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    return (number, message) -> {
      list.add(message);
      state.update(Map.of(MESSAGES, list, PHASE, phase(number)));
    };
  }

  /** The phase that a step sets. */
  static JsonNode phase(int number) {
    return StringNode.valueOf("phase-" + number % 7);
  }

  /** How to begin a conversation on a state. */
  interface Style extends Function<State<JsonNode>, Conversation> {}
}
