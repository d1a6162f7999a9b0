package dev.holdfast.contract;

import dev.holdfast.contract.internal.DocumentText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.JsonNode;

/**
 * Writes JSON trees as the serialization contract says: as YAML or JSON, in UTF-8, compressed or not. What it writes is read again as an
 * equal tree: in YAML, keys and texts that could be taken for something else are quoted. Immutable and safe for use by multiple threads.
 */
public final class DocumentWriter {

  private static final int OPERATING_SYSTEM = 9;
  private static final byte UNKNOWN = (byte) 0xff;

  private final SerializationContract contract;

  /** A writer for a contract. */
  public DocumentWriter(SerializationContract contract) {
    this.contract = contract;
  }

  /** The document of a tree. The tree must not be changed meanwhile. */
  public byte[] write(JsonNode tree) {
    byte[] plain = writeUncompressed(tree);
    return contract.enableCompression() ? compressed(plain) : plain;
  }

  byte[] writeUncompressed(JsonNode tree) {
    return new DocumentText(contract).text(tree).getBytes(StandardCharsets.UTF_8);
  }

  private byte[] compressed(byte[] plain) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // Memory does not fail.
    }
    byte[] result = bytes.toByteArray();
    if (contract.enableDeterministicOutput()) {
      result[OPERATING_SYSTEM] = UNKNOWN; // Java 16 changed what it writes here.
    }
    return result;
  }
}
