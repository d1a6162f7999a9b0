package dev.holdfast.examples.airline;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One conversation of an agent with a customer, as it was recorded. Immutable as long as nobody changes the trees.
 *
 * @param name unique, such as {@code task-7-trial-2}
 * @param user the customer's id, null when the recording does not say
 * @param messages the chat, in order
 */
record RecordedRun(String name, @Nullable String user, List<JsonNode> messages) {

  RecordedRun {
    messages = List.copyOf(messages);
  }

  /** Who makes the changes. */
  String actor() {
    return "run " + name;
  }
}
