package dev.holdfast.store.json;

import tools.jackson.databind.JsonNode;

/**
 * How much a patch may still copy. A value counts for no more than the bytes of its JSON text, so what is left out of room could not be stored
 * either. Confined to one thread.
 */
final class CopyRoom {

  private long left;

  CopyRoom(long bytes) {
    this.left = bytes;
  }

  /** Whether there is room for one more copy of a value; looks at no more of it than there is room for. */
  boolean take(JsonNode value) {
    left -= 1 + (value.isString() ? value.stringValue().length() : 0);
    if (left < 0) {
      return false;
    }
    if (value.isObject()) {
      return value.properties().stream().allMatch(entry -> {
        left -= entry.getKey().length();
        return take(entry.getValue());
      });
    }
    return value.values().stream().allMatch(this::take);
  }
}
