package dev.holdfast.store.internal;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.json.internal.ArrayText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Rebuilds a value from its rows, given oldest first: a whole value, then deltas. Runs of appended elements are joined as text and never
 * parsed, so folding a conversation costs one pass over its bytes; of a run of patches the value is parsed and written once. Confined to one
 * thread.
 */
final class Fold {

  private @Nullable String value;

  /** The value while patches are applied to it, null when {@link #value} has it. */
  private @Nullable JsonNode patched;

  private final List<String> appended = new ArrayList<>();

  void add(Form form, @Nullable String payload) {
    switch (form) {
      case VALUE -> restart(required(payload));
      case APPEND -> appended.add(required(payload));
      case PATCH -> patch(required(payload));
      case NONE -> restart(null);
      case REFERENCE -> throw damaged("a reference in the middle of a chain");
    }
  }

  private void restart(@Nullable String whole) {
    appended.clear();
    patched = null;
    value = whole;
  }

  private void patch(String patch) {
    JsonNode before = patched;
    if (before == null || !appended.isEmpty()) {
      String text = result();
      if (text == null) {
        throw damaged("a patch without a value");
      }
      before = Json.parse(text);
    }
    patched = JsonPatch.parse(patch).apply(before);
  }

  /** The value after the rows added so far, null when the key is absent. */
  @Nullable
  String result() {
    if (patched != null) {
      value = Json.write(patched);
      patched = null;
    }
    if (!appended.isEmpty()) {
      appended.add(0, value == null ? "[]" : value);
      restart(ArrayText.concat(appended));
    }
    return value;
  }

  private static String required(@Nullable String payload) {
    if (payload == null) {
      throw damaged("a row without a payload");
    }
    return payload;
  }

  static HoldfastException damaged(String what) {
    return new HoldfastException(ErrorCode.DATABASE, "History is damaged: " + what);
  }
}
