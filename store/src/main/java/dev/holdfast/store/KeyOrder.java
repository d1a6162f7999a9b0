package dev.holdfast.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/** The order of keys: Java orders text by UTF-16 units, the database and every list of keys by bytes of UTF-8. */
final class KeyOrder {

  static final Comparator<String> BYTEWISE = (a, b) -> Arrays.compareUnsigned(
      a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  private KeyOrder() {}
}
