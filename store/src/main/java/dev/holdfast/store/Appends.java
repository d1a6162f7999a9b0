package dev.holdfast.store;

import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.json.internal.ArrayText;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an append makes of the value below it, where it cannot be stored as a delta. */
final class Appends {

  private Appends() {}

  /**
   * An append as the whole value that it makes.
   *
   * @param before the value below as JSON text, null when the key is absent
   * @throws ValueTypeException when the value below is not an array
   */
  static Item whole(StateId state, Item append, @Nullable String before) {
    requireArray(state, append.key(), before);
    String appended = Objects.requireNonNull(append.payload());
    return append.asValue(before == null ? appended : ArrayText.concat(List.of(before, appended)));
  }

  /** Refuses to append to what is there and no array; JSON text, null when the key is absent. */
  static void requireArray(StateId state, String key, @Nullable String before) {
    if (before != null && !ArrayText.isArray(before)) {
      throw new ValueTypeException(state, key, "append", "an array");
    }
  }
}
