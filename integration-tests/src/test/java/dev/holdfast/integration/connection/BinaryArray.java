package dev.holdfast.integration.connection;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.postgresql.core.Oid;

/** An array as it is sent in binary, turned into its text form. */
final class BinaryArray {

  private static final Set<Integer> TYPES = Set.of(
      Oid.INT8_ARRAY,
      Oid.INT4_ARRAY,
      Oid.TEXT_ARRAY,
      Oid.VARCHAR_ARRAY,
      Oid.UUID_ARRAY,
      Oid.TIMESTAMPTZ_ARRAY);

  /** Where PostgreSQL begins to count microseconds. */
  private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");

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
    return switch (type) {
      case Oid.INT8 -> String.valueOf(array.getLong());
      case Oid.INT4 -> String.valueOf(array.getInt());
      case Oid.UUID -> new UUID(array.getLong(), array.getLong()).toString();
      case Oid.TIMESTAMPTZ -> EPOCH.plus(array.getLong(), ChronoUnit.MICROS).toString();
      default -> quoted(array, length);
    };
  }

  private static String quoted(ByteBuffer array, int length) {
    byte[] text = new byte[length];
    array.get(text);
    return "\""
        + new String(text, StandardCharsets.UTF_8).replace("\\", "\\\\").replace("\"", "\\\"")
        + "\"";
  }
}
