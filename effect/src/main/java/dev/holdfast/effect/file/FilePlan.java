package dev.holdfast.effect.file;

import dev.holdfast.store.json.JacksonCodec;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an operation does, as it is on the disk before it is done. Immutable.
 *
 * @param effect name of the effect transaction
 * @param id of the effect transaction
 * @param files that it changes, in this order; undone the other way round
 */
record FilePlan(String effect, String id, List<Planned> files) {

  private static final JacksonCodec<FilePlan> CODEC = JacksonCodec.of(FilePlan.class);

  FilePlan {
    files = List.copyOf(files);
  }

  String toJson() {
    return CODEC.encode(this);
  }

  static FilePlan of(String json) {
    return Objects.requireNonNull(CODEC.decode(json), "a plan is never null");
  }

  /**
   * One file. Immutable.
   *
   * @param path relative to the base folder
   * @param before SHA-256 of its content before; null when there was none
   * @param after SHA-256 of its content afterwards; null when there is none
   */
  record Planned(
      String path, @Nullable String before, @Nullable String after) {}
}
