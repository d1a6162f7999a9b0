package dev.holdfast.examples.airline;

import static dev.holdfast.store.json.Json.json;

import dev.holdfast.store.Changes;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.json.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns the messages of a run into steps, always the same ones, so that a second start computes what the first one did. Every step is
 * one change set of the run's state, hence the state's version is the number of messages it holds. Confined to one thread.
 *
 * <p>Keys of the state: {@code messages}, the chat; {@code user}; {@code phase}, which is {@code greeting}, {@code identified}, {@code
 * tool:} and a name, or {@code done}; {@code tool:} with the number of the message for each answer of a tool; and {@code undone:} with
 * that number when the call was rolled back.
 */
final class Steps {

  static final String MESSAGES = "messages";
  static final String USER = "user";
  static final String PHASE = "phase";
  static final String DONE = "done";

  private final RecordedRun run;
  private final Map<String, ToolCall> calls = new HashMap<>();
  private final Map<String, ObjectNode> known = new HashMap<>();
  private String phase = "";
  private boolean identified;

  private Steps(RecordedRun run) {
    this.run = run;
  }

  /** The steps of a run, in order. */
  static List<Step> of(RecordedRun run) {
    Steps steps = new Steps(run);
    List<Step> all = new ArrayList<>();
    for (int position = 0; position < run.messages().size(); position++) {
      all.add(steps.step(position, run.messages().get(position)));
    }
    return all;
  }

  /** What a step changes when its tool call was rolled back: the effect transaction tells why. */
  static Changes<JsonNode> undone(Step step, Namespaces namespaces, CallMark call) {
    return step.changes()
        .andSet(
            "undone:%04d".formatted(step.position()),
            json(Map.of("effect", namespaces.effect(call.tool()), "id", call.id())));
  }

  /** The messages that a state of a run holds. */
  static List<JsonNode> messages(Snapshot<JsonNode> state) {
    return state.get(MESSAGES).map(JsonNode::values).map(List::copyOf).orElse(List.of());
  }

  private Step step(int position, JsonNode message) {
    List<ToolCall> asked = ToolCall.of(message);
    asked.forEach(call -> calls.put(call.id(), call));
    Changes<JsonNode> changes = withPhase(
        withUser(Changes.append(MESSAGES, message), position), next(position, message, asked));
    Optional<ToolCall> answered = answered(message);
    if (answered.isEmpty()) {
      return new Step(position, changes, null);
    }
    ToolCall call = answered.get();
    CallMark mark = new CallMark(run.name(), position, call.tool(), call.id());
    String answer = message.path("content").asString("");
    Optional<SharedWrite> write = WritingTools.of(mark, call, answer, known);
    WritingTools.shown(answer)
        .ifPresent(shown -> known.put(shown.path("reservation_id").asString(), shown));
    return new Step(
        position,
        changes.andSet("tool:%04d".formatted(position), result(call, answer)),
        write.orElse(null));
  }

  private Changes<JsonNode> withUser(Changes<JsonNode> changes, int position) {
    return position == 0 && run.user() != null ? changes.andSet(USER, json(run.user())) : changes;
  }

  private Changes<JsonNode> withPhase(Changes<JsonNode> changes, String next) {
    if (next.equals(phase)) {
      return changes;
    }
    phase = next;
    return changes.andSet(PHASE, json(next));
  }

  private String next(int position, JsonNode message, List<ToolCall> asked) {
    identified |= run.user() != null && Json.write(message).contains(run.user());
    if (position == run.messages().size() - 1) {
      return DONE;
    }
    if (!asked.isEmpty()) {
      return "tool:" + asked.get(0).tool();
    }
    return identified ? "identified" : "greeting";
  }

  private Optional<ToolCall> answered(JsonNode message) {
    return message.path("role").asString("").equals("tool")
        ? Optional.ofNullable(calls.get(message.path("tool_call_id").asString("")))
        : Optional.empty();
  }

  private static JsonNode result(ToolCall call, String answer) {
    return json(Map.of(
        "name", call.tool(), "tool_call_id", call.id(), "result", WritingTools.tree(answer)));
  }
}
