package dev.holdfast.integration.connection;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** An array of numbers or texts as PostgreSQL's drivers send it in binary, turned into its text form. */
final class BinaryArray {

  /** The object ids of the types bigint[], integer[], text[] and varchar[]. */
  private static final Set<Integer> TYPES = Set.of(1016, 1007, 1009, 1015);

  private static final int INT8 = 20;
  private static final int INT4 = 23;

  private BinaryArray() {}

  static boolean isType(int oid) {
    return TYPES.contains(oid);
  }

  static String text(byte[] bytes) {
    ByteBuffer array = ByteBuffer.wrap(bytes);
    int dimensions = array.getInt();
    array.getInt(); // whether there are nulls
    int type = array.getInt();
    if (dimensions == 0) {
      return "{}";
    }
    int length = array.getInt();
    array.getInt(); // the lowest index
    List<String> elements = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      elements.add(element(type, array));
    }
    return "{" + String.join(",", elements) + "}";
  }

  private static String element(int type, ByteBuffer array) {
    int length = array.getInt();
    if (length < 0) {
      return "NULL";
    }
    if (type == INT8) {
      return String.valueOf(array.getLong());
    }
    if (type == INT4) {
      return String.valueOf(array.getInt());
    }
    byte[] text = new byte[length];
    array.get(text);
    return "\""
        + new String(text, StandardCharsets.UTF_8).replace("\\", "\\\\").replace("\"", "\\\"")
        + "\"";
  }
}
