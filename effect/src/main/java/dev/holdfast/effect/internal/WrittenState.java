package dev.holdfast.effect.internal;

import dev.holdfast.store.StateId;
import dev.holdfast.store.json.JacksonCodec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A version that a step, or what undid it, made of a state. Immutable.
 *
 * @param namespace of the state
 * @param name of the state
 * @param version of the state
 */
record WrittenState(String namespace, String name, long version) {

  static final JacksonCodec<WrittenState[]> CODEC = JacksonCodec.of(WrittenState[].class);

  static WrittenState[] of(Map<StateId, Long> written) {
    return written.entrySet().stream()
        .map(entry ->
            new WrittenState(entry.getKey().namespace(), entry.getKey().name(), entry.getValue()))
        .toArray(WrittenState[]::new);
  }

  static List<WrittenState> read(@Nullable String json) {
    WrittenState[] written = json == null ? null : CODEC.decode(json);
    return written == null ? List.of() : Arrays.asList(written);
  }

  StateId state() {
    return new StateId(namespace, name);
  }
}
