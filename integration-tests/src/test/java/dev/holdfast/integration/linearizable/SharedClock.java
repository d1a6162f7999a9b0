package dev.holdfast.integration.linearizable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A clock that several processes share: a counter in a mapped file, which every look moves on by one. A call that returned before another
 * began has the lower number, whatever the clocks of the processes say, and no two looks have the same. Safe for use by several threads
 * and processes.
 */
final class SharedClock {

  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final ByteBuffer memory;

  private SharedClock(ByteBuffer memory) {
    this.memory = memory;
  }

  /** The clock in a file, which is made when it is not there; at 0 then. */
  static SharedClock open(Path file) {
    try (FileChannel channel = FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new SharedClock(channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long tick() {
    return (long) LONG.getAndAdd(memory, 0, 1L);
  }
}
