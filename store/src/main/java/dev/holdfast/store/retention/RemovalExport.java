package dev.holdfast.store.retention;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/**
 * Where rows of history go before they are removed, as JSON lines. A line is an object with the columns of the row ({@code payload} is the
 * stored JSON itself, but for what is {@linkplain Retention#redacting hidden}) and an {@code action}: {@code removed}, or {@code folded} for a delta that is replaced by the whole value.
 *
 * <p>Called by the thread that runs retention, in a transaction that is committed only after {@link #sync} returned; when either method
 * throws, the rows of that batch stay. If a run is interrupted, or the commit fails, the same rows are written again by the next run: state,
 * key and version tell. So the export has at least what was removed.
 */
public interface RemovalExport {

  /** Keeps nothing. */
  RemovalExport NONE = new RemovalExport() {
    @Override
    public void write(String line) {}

    @Override
    public void sync() {}
  };

  /** Takes one line, without its line break. */
  void write(String line) throws IOException;

  /** Returns when every line so far is where it will not be lost; what is removed next is nowhere else. */
  void sync() throws IOException;

  /**
   * Appends to a file, which stays open and is forced to disk before each batch is removed. Use a new file for each run: the end of the process
   * may cut the last line off, whose row was not removed then. Confined to one thread.
   */
  static RemovalExport to(FileChannel file) {
    return new RemovalExport() {
      @Override
      public void write(String line) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
      }

      @Override
      public void sync() throws IOException {
        file.force(true);
      }
    };
  }
}
