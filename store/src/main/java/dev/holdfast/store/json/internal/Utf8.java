package dev.holdfast.store.json.internal;

/** Facts about text as UTF-8, without making the bytes. */
final class Utf8 {

  private Utf8() {}

  /** The number of bytes; half of a surrogate pair counts like the replacement character, 3. */
  static long size(CharSequence text) {
    long size = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        // Both halves of a pair add one each: 2 characters, 4 bytes.
        size += c < 0x800 || isInPair(text, i) ? 1 : 2;
      }
    }
    return size;
  }

  /** The position of the first half of a surrogate pair that lacks its other half, or -1. */
  static int loneSurrogate(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i)) && !isInPair(text, i)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean isInPair(CharSequence text, int i) {
    char c = text.charAt(i);
    return Character.isHighSurrogate(c)
        ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
        : Character.isLowSurrogate(c) && i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
  }
}
