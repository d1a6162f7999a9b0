package dev.holdfast.effect.event;

import dev.holdfast.store.json.internal.TextRules;
import tools.jackson.databind.JsonNode;

/**
 * Asks for an event to be emitted. Immutable, if nobody changes the tree.
 *
 * @param topic what it is about, 1 to 512 bytes
 * @param payload what it says
 */
public record EmitEvent(String topic, JsonNode payload) {

  private static final int MAX_TOPIC = 512;

  /** Checks the topic. */
  public EmitEvent {
    TextRules.requireText("topic of the event", topic, MAX_TOPIC);
  }

  /** The same event, with another one that takes it back when the effect transaction is rolled back. */
  public RetractableEvent retractedBy(EmitEvent retraction) {
    return new RetractableEvent(this, retraction);
  }
}
