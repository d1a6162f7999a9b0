package dev.holdfast.store.json;

import dev.holdfast.store.json.internal.PointerSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A parsed JSON Pointer, RFC 6901. Unlike Jackson's it refuses a tilde that escapes nothing, and leaves it to the target to say
 * whether a segment is a key or an index. Immutable.
 */
record JsonPath(List<String> segments) {

  /** The pointer, or empty if the text is none. */
  static Optional<JsonPath> parse(String text) {
    if (text.isEmpty()) {
      return Optional.of(new JsonPath(List.of()));
    }
    if (text.charAt(0) != '/' || hasStrayTilde(text)) {
      return Optional.empty();
    }
    List<String> segments = new ArrayList<>();
    for (String segment : text.substring(1).split("/", -1)) {
      segments.add(PointerSegment.unescape(segment));
    }
    return Optional.of(new JsonPath(List.copyOf(segments)));
  }

  boolean isRoot() {
    return segments.isEmpty();
  }

  String last() {
    return segments.get(segments.size() - 1);
  }

  /** Whether the other pointer leads to a value inside of the one that this leads to. */
  boolean isAncestorOf(JsonPath other) {
    return segments.size() < other.segments.size()
        && segments.equals(other.segments.subList(0, segments.size()));
  }

  private static boolean hasStrayTilde(String text) {
    for (int at = text.indexOf('~'); at >= 0; at = text.indexOf('~', at + 1)) {
      if (!text.startsWith("0", at + 1) && !text.startsWith("1", at + 1)) {
        return true;
      }
    }
    return false;
  }
}
