package dev.holdfast.effect.event;

import tools.jackson.databind.JsonNode;

/**
 * An event on its way to a publisher. Immutable, if nobody changes the tree.
 *
 * @param id the same for every attempt to emit it; receivers drop what they have seen
 * @param topic what it is about
 * @param payload what it says
 */
public record Emission(String id, String topic, JsonNode payload) {}
