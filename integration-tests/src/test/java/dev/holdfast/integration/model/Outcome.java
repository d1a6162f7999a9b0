package dev.holdfast.integration.model;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.ConflictException;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.StateKeyException;
import dev.holdfast.store.StateRollbackException;
import dev.holdfast.store.StateVersionException;
import dev.holdfast.store.Versioned;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.json.Json;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a call gave, or which exception it ended with, as text: made alike for the store and for the model. */
final class Outcome {

  private Outcome() {}

  static String of(Supplier<? extends @Nullable Object> call) {
    try {
      return text(call.get());
    } catch (Refusal e) {
      return String.valueOf(e.getMessage());
    } catch (HoldfastException e) {
      return refused(e);
    }
  }

  static String refused(String exception, Object... facts) {
    return exception + Arrays.toString(facts);
  }

  private static String refused(HoldfastException exception) {
    String name = exception.getClass().getSimpleName();
    if (exception instanceof ConflictException e) {
      return refused(name, e.key().orElse("-"), e.expected(), e.actual());
    }
    if (exception instanceof StateVersionException e) {
      return refused(name, e.current(), e.target());
    }
    if (exception instanceof StateRollbackException e) {
      return refused(name, e.target(), e.oldest());
    }
    if (exception instanceof StateKeyException e) {
      return refused(name, e.key(), e.availableKeys());
    }
    return refused(name, exception.code());
  }

  static String text(@Nullable Object value) {
    if (value instanceof JsonNode node) {
      return Json.canonical(node);
    }
    if (value instanceof Optional<?> optional) {
      return "Optional(" + optional.map(Outcome::text).orElse("") + ")";
    }
    if (value instanceof Versioned<?> versioned) {
      return text(versioned.value()) + "@" + versioned.version();
    }
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> entry.getKey() + "=" + text(entry.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    return String.valueOf(value);
  }

  static String of(Snapshot<JsonNode> snapshot) {
    return snapshot.version() + " "
        + snapshot.keys().stream()
            .map(key -> key + "=" + text(snapshot.find(key).orElseThrow()))
            .collect(Collectors.joining(", ", "{", "}"));
  }

  static String of(Change<JsonNode> change) {
    return change.version() + " " + change.key() + " " + change.operation() + " "
        + text(change.before()) + " -> "
        + text(change.after())
        + " by " + change.actor().orElse("-");
  }
}
