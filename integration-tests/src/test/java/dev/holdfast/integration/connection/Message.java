package dev.holdfast.integration.connection;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
    return type == 'P'
        ? Optional.of(new Parsed(text(0), text(1), types(end(end(0) + 1) + 1)))
        : Optional.empty();
  }

  private List<Integer> types(int start) {
    ByteBuffer rest = ByteBuffer.wrap(body, start, body.length - start);
    int count = rest.getShort();
    List<Integer> types = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      types.add(rest.getInt());
    }
    return types;
  }

  /** The name of the statement that a Bind names. */
  Optional<String> bound() {
    return type == 'B' ? Optional.of(text(1)) : Optional.empty();
  }

  /** The parameters of a Bind, arrays that were sent in binary turned into text. */
  List<@Nullable String> parameters(List<Integer> types) {
    int start = end(end(0) + 1) + 1;
    ByteBuffer rest = ByteBuffer.wrap(body, start, body.length - start);
    short[] formats = new short[rest.getShort()];
    for (int i = 0; i < formats.length; i++) {
      formats[i] = rest.getShort();
    }
    int count = rest.getShort();
    List<@Nullable String> parameters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean binary = formats.length > 0 && formats[formats.length == 1 ? 0 : i] == 1;
      parameters.add(parameter(rest, binary && BinaryArray.isType(types.get(i))));
    }
    return parameters;
  }

  private static @Nullable String parameter(ByteBuffer rest, boolean isBinaryArray) {
    int length = rest.getInt();
    if (length < 0) {
      return null;
    }
    byte[] value = new byte[length];
    rest.get(value);
    return isBinaryArray ? BinaryArray.text(value) : new String(value, StandardCharsets.UTF_8);
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
   * @param types of its parameters, by object id
   */
  record Parsed(String name, String sql, List<Integer> types) {}
}
