package dev.holdfast.store.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;

/**
 * An array of one dimension in the binary form that the server reads ({@code array_recv} of PostgreSQL): the number of dimensions, whether there
 * are nulls, the type of the elements, length and lower bound, then each element behind its length in bytes, or -1. The driver makes the
 * same of some types, and of others texts, which take longer on both sides. Confined to one thread.
 */
final class BinaryArray {

  private static final int HEADER = 5 * Integer.BYTES;
  private static final int FLAGS_AT = Integer.BYTES;
  private static final int HAS_NULLS = 1;
  private static final int NULL_LENGTH = -1;
  private static final int USUAL_ELEMENT = Integer.BYTES + 2 * Long.BYTES;

  /** Seconds from 1970 to 2000, where PostgreSQL begins to count. */
  private static final long EPOCH = 946_684_800L;

  private static final long MICROS = 1_000_000L;
  private static final int NANOS_A_MICRO = 1_000;

  private ByteBuffer buffer;

  /** The text added last, and its bytes: authors and operations are the same over and over. */
  private String lastText = "";

  private byte[] lastBytes = {};

  /**
   * An array that is still without its elements.
   *
   * @param elementType oid of their type
   * @param length how many there will be
   */
  BinaryArray(int elementType, int length) {
    buffer = ByteBuffer.allocate(HEADER + USUAL_ELEMENT * length);
    buffer.putInt(length == 0 ? 0 : 1).putInt(0).putInt(elementType);
    if (length > 0) {
      buffer.putInt(length).putInt(1);
    }
  }

  /** Adds a null. */
  void addNull() {
    withRoom(Integer.BYTES).putInt(NULL_LENGTH);
    buffer.putInt(FLAGS_AT, HAS_NULLS);
  }

  /** Adds a UUID. */
  void add(UUID value) {
    withRoom(Integer.BYTES + 2 * Long.BYTES)
        .putInt(2 * Long.BYTES)
        .putLong(value.getMostSignificantBits())
        .putLong(value.getLeastSignificantBits());
  }

  /** Adds a text. */
  void add(String value) {
    if (!value.equals(lastText)) {
      lastText = value;
      lastBytes = value.getBytes(StandardCharsets.UTF_8);
    }
    withRoom(Integer.BYTES + lastBytes.length).putInt(lastBytes.length).put(lastBytes);
  }

  /** Adds a whole number of 64 bits. */
  void add(Long value) {
    withRoom(Integer.BYTES + Long.BYTES).putInt(Long.BYTES).putLong(value);
  }

  /** Adds a whole number of 32 bits. */
  void add(Integer value) {
    withRoom(2 * Integer.BYTES).putInt(Integer.BYTES).putInt(value);
  }

  /** Adds a time, cut to microseconds. */
  void add(Instant value) {
    Instant time = DatabaseTime.notAfter(value).toInstant();
    add((time.getEpochSecond() - EPOCH) * MICROS + time.getNano() / NANOS_A_MICRO);
  }

  /** All of it. */
  byte[] toBytes() {
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  private ByteBuffer withRoom(int more) {
    if (buffer.remaining() < more) {
      int needed = Math.addExact(buffer.position(), more);
      int roomy = (int) Math.min(Integer.MAX_VALUE - Long.BYTES, 2L * buffer.capacity());
      buffer = ByteBuffer.allocate(Math.max(needed, roomy)).put(buffer.flip());
    }
    return buffer;
  }
}
