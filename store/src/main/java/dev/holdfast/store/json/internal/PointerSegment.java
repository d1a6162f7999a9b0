package dev.holdfast.store.json.internal;

/** A key as a segment of a JSON Pointer, RFC 6901. Stateless. */
public final class PointerSegment {

  private PointerSegment() {}

  /** The segment for a key. */
  public static String escape(String key) {
    return key.replace("~", "~0").replace("/", "~1");
  }

  /** The key of a segment; a tilde that escapes nothing stays. */
  public static String unescape(String segment) {
    return segment.replace("~1", "/").replace("~0", "~");
  }
}
