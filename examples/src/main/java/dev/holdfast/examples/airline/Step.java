package dev.holdfast.examples.airline;

import dev.holdfast.store.Changes;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What one message does. Immutable.
 *
 * @param position which message of the run it is, from 0; equals the version of the run's state before it
 * @param changes the one change set of the run's state
 * @param write what it changes elsewhere before that, null when nothing
 */
record Step(
    int position, Changes<JsonNode> changes, @Nullable SharedWrite write) {}
