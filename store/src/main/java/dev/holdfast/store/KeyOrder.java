package dev.holdfast.store;

import java.util.Comparator;

/** The order of keys: Java orders text by UTF-16 units, the database and every list of keys by bytes of UTF-8. */
final class KeyOrder {

  /**
   * The bytes of UTF-8 have the order of code points, so two texts differ as their first different units do, except that surrogates, which
   * stand for the highest code points, come before the last 8,192 units. Neither text may have a lone surrogate; no key has.
   */
  static final Comparator<String> BYTEWISE = (a, b) -> {
    int shorter = Math.min(a.length(), b.length());
    for (int i = 0; i < shorter; i++) {
      if (a.charAt(i) != b.charAt(i)) {
        return Integer.compare(rank(a.charAt(i)), rank(b.charAt(i)));
      }
    }
    return Integer.compare(a.length(), b.length());
  };

  private KeyOrder() {}

  private static int rank(char unit) {
    return Character.isSurrogate(unit) ? unit + Character.MAX_VALUE : unit;
  }
}
