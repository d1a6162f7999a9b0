package dev.holdfast.effect.internal;

import dev.holdfast.store.json.Json;
import org.jspecify.annotations.Nullable;

/** Whether two documents say the same, whatever the order of keys. */
final class SameJson {

  private SameJson() {}

  static boolean isSame(@Nullable String one, @Nullable String other) {
    if (one == null || other == null) {
      return one == null && other == null;
    }
    return one.equals(other) || Json.canonical(one).equals(Json.canonical(other));
  }
}
