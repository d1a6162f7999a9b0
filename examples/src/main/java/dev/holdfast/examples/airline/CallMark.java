package dev.holdfast.examples.airline;

import static dev.holdfast.store.json.Json.json;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * What a shared state remembers of the tool call that changed it. Its key is in the same change set as the change, so either both are
 * there or none. The position in the run is the identity, because tool call ids repeat. Immutable.
 *
 * @param run the run's name
 * @param position which of the run's messages brought the tool's answer, from 0
 * @param tool the tool
 * @param callId the recorded id of the call
 */
record CallMark(String run, int position, String tool, String callId) {

  static final String PREFIX = "applied:";

  /** The id of the effect transaction that makes the call. */
  String id() {
    return "%s:%04d".formatted(run, position);
  }

  /** The key in the shared state. */
  String key() {
    return PREFIX + id();
  }

  /** The value under the key. */
  JsonNode value() {
    return json(Map.of("tool", tool, "tool_call_id", callId));
  }
}
