package dev.holdfast.integration.model;

import dev.holdfast.store.State;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One call, for the store and for the model. Immutable.
 *
 * @param text what to print when the two differ
 * @param real the call of the store
 * @param model what the model says of it
 */
record Step(
    String text,
    Function<State<JsonNode>, ? extends @Nullable Object> real,
    Function<Model, ? extends @Nullable Object> model) {}
