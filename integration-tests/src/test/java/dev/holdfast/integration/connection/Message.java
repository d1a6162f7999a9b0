package dev.holdfast.integration.connection;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A message of the PostgreSQL protocol, version 3, as its documentation describes them under "Message Formats". Immutable. */
final class Message {

  private final byte type;
  private final byte[] body;

  private Message(byte type, byte[] body) {
    this.type = type;
    this.body = body;
  }

  static Message read(DataInputStream in) throws IOException {
    byte type = in.readByte();
    return new Message(type, in.readNBytes(in.readInt() - Integer.BYTES));
  }

  void write(OutputStream out) throws IOException {
    out.write(type);
    out.write(
        ByteBuffer.allocate(Integer.BYTES).putInt(body.length + Integer.BYTES).array());
    out.write(body);
  }

  /** Sync, Query, Flush, Terminate and everything that belongs to logging in. */
  boolean asksForAnswer() {
    return asksForReadiness() || type == 'H' || type == 'X' || type == 'p';
  }

  /** Sync and Query. */
  boolean asksForReadiness() {
    return type == 'S' || type == 'Q';
  }

  /** ReadyForQuery, from the server. */
  boolean saysReady() {
    return type == 'Z';
  }

  /** The statement of a Parse. */
  Optional<Parsed> parsed() {
    return type == 'P' ? Optional.of(new Parsed(text(0), text(1))) : Optional.empty();
  }

  /** The name of the statement that a Bind names. */
  Optional<String> bound() {
    return type == 'B' ? Optional.of(text(1)) : Optional.empty();
  }

  /** The text of a Query. */
  Optional<String> query() {
    return type == 'Q' ? Optional.of(text(0)) : Optional.empty();
  }

  /** One of the texts at the start of the body, each of which ends with a zero byte. */
  private String text(int index) {
    int start = 0;
    for (int i = 0; i < index; i++) {
      start = end(start) + 1;
    }
    return new String(body, start, end(start) - start, StandardCharsets.UTF_8);
  }

  private int end(int start) {
    int end = start;
    while (body[end] != 0) {
      end++;
    }
    return end;
  }

  /**
   * A prepared statement.
   *
   * @param name empty for the unnamed one
   * @param sql its text
   */
  record Parsed(String name, String sql) {}
}
