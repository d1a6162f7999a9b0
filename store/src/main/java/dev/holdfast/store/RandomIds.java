package dev.holdfast.store;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Random UUIDs (version 4 of RFC 9562), as {@link UUID#randomUUID()} makes them, from bytes that are drawn for many at a time: every write needs
 * one, and asking the generator of the system for each takes a microsecond or two, under a lock that all writers share. Safe for use by
 * multiple threads.
 */
final class RandomIds implements Supplier<UUID> {

  private static final int IDS_A_DRAW = 128;

  private static final long VERSION_BITS = 0xF000L;
  private static final long VERSION = 0x4000L;
  private static final long VARIANT_BITS = 0xC000_0000_0000_0000L;
  private static final long VARIANT = 0x8000_0000_0000_0000L;

  private final SecureRandom random = new SecureRandom();
  private final ReentrantLock lock = new ReentrantLock();
  private final ByteBuffer drawn =
      ByteBuffer.allocate(IDS_A_DRAW * 2 * Long.BYTES).position(IDS_A_DRAW * 2 * Long.BYTES);

  @Override
  public UUID get() {
    long high;
    long low;
    lock.lock();
    try {
      if (!drawn.hasRemaining()) {
        random.nextBytes(drawn.array());
        drawn.clear();
      }
      high = drawn.getLong();
      low = drawn.getLong();
    } finally {
      lock.unlock();
    }
    return new UUID((high & ~VERSION_BITS) | VERSION, (low & ~VARIANT_BITS) | VARIANT);
  }
}
