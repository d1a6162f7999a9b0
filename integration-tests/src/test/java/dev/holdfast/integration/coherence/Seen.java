package dev.holdfast.integration.coherence;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * What one call to one state showed, and when. Immutable.
 *
 * @param kind what was called
 * @param process which process called
 * @param state which state
 * @param version the version that was made or shown
 * @param value the value that was written or shown, which no other write writes; 0 for none
 * @param invoked when the call began, in the nanoseconds of the machine's monotonic clock
 * @param returned when it returned
 */
record Seen(
    Kind kind, int process, int state, long version, long value, long invoked, long returned) {

  Seen {
    if (invoked > returned) {
      throw new IllegalArgumentException("A call returned before it was invoked");
    }
  }

  Seen withVersion(long other) {
    return new Seen(kind, process, state, other, value, invoked, returned);
  }

  Seen withValue(long other) {
    return new Seen(kind, process, state, version, other, invoked, returned);
  }

  void write(DataOutputStream out) throws IOException {
    out.writeUTF(kind.name());
    out.writeByte(process);
    out.writeByte(state);
    out.writeLong(version);
    out.writeLong(value);
    out.writeLong(invoked);
    out.writeLong(returned);
  }

  static Seen read(DataInputStream in) throws IOException {
    return new Seen(
        Kind.valueOf(in.readUTF()),
        in.readByte(),
        in.readByte(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong());
  }

  /** What was called. */
  enum Kind {
    WRITE,
    STRICT,
    CACHED
  }
}
