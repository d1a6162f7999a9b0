package dev.holdfast.examples.airline;

import dev.holdfast.examples.terminal.InputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A file of recorded runs: an array of objects with {@code task_id}, {@code trial}, {@code traj} (chat messages) and, if known, {@code
 * info.task.user_id}. Everything that the replay relies on is checked here, so that it cannot fail half-way. Confined to one thread.
 */
final class RunsFile {

  private final InputFile file;
  private final Set<String> names = new HashSet<>();

  private RunsFile(InputFile file) {
    this.file = file;
  }

  /**
   * The runs of a file, in order.
   *
   * @throws InputException when it cannot be read or is anything else, naming the place
   */
  static List<RecordedRun> read(InputFile file) {
    RunsFile checked = new RunsFile(file);
    JsonNode tree = file.tree();
    if (!tree.isArray() || tree.isEmpty()) {
      throw file.invalid("it must be an array of at least one run");
    }
    List<RecordedRun> runs = new ArrayList<>();
    for (JsonNode run : tree) {
      runs.add(checked.run("run " + (runs.size() + 1), run));
    }
    return runs;
  }

  private RecordedRun run(String place, JsonNode run) {
    String name = "task-" + id(place, run, "task_id") + "-trial-" + id(place, run, "trial");
    if (!names.add(name)) {
      throw file.invalid(place + " has the same task_id and trial as an earlier one: " + name);
    }
    JsonNode chat = run.path("traj");
    if (!chat.isArray() || chat.isEmpty()) {
      throw file.invalid(place + " has no array \"traj\" of at least one message");
    }
    List<JsonNode> messages = List.copyOf(chat.values());
    checkMessages(place, messages);
    return new RecordedRun(name, user(run), messages);
  }

  private String id(String place, JsonNode run, String field) {
    JsonNode id = run.path(field);
    if (!id.isIntegralNumber() && !id.isString()) {
      throw file.invalid(place + " has no \"" + field + "\" that is a whole number or a text");
    }
    return id.asString();
  }

  private static @Nullable String user(JsonNode run) {
    String user = run.path("info").path("task").path("user_id").asString("");
    return user.isEmpty() ? null : user;
  }

  private void checkMessages(String place, List<JsonNode> messages) {
    Map<String, ToolCall> calls = new HashMap<>();
    for (int i = 0; i < messages.size(); i++) {
      JsonNode message = messages.get(i);
      String where = place + ", message " + (i + 1);
      if (!message.path("role").isString()) {
        throw file.invalid(where + " is not an object with a text \"role\"");
      }
      ToolCall.of(message).forEach(call -> calls.put(checked(where, call).id(), call));
      String answered = message.path("tool_call_id").asString("");
      if (message.path("role").asString().equals("tool") && !calls.containsKey(answered)) {
        throw file.invalid(
            where + " answers the tool call \"" + answered + "\", which nobody made");
      }
    }
  }

  private ToolCall checked(String where, ToolCall call) {
    if (call.id().isEmpty() || call.tool().isEmpty()) {
      throw file.invalid(where + " has a tool call without an id or a name");
    }
    if (WritingTools.writes(call.tool()) && call.argumentTree().isEmpty()) {
      throw file.invalid(
          where + " calls " + call.tool() + " with arguments that are not a JSON object");
    }
    return call;
  }
}
