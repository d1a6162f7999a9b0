package dev.holdfast.effect.file;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Asks for a file to be created or replaced. Immutable.
 *
 * @param path relative to the base folder, with {@code /} between its parts
 * @param content as the encoding has it
 * @param encoding of the content
 */
public record WriteFile(String path, String content, Encoding encoding) {

  /** How content is kept in JSON. */
  public enum Encoding {
    /** As text, to be written in UTF-8. */
    TEXT,
    /** As Base64, for what is not text. */
    BASE64
  }

  /** A file of text, written in UTF-8. */
  public static WriteFile text(String path, String text) {
    return new WriteFile(path, text, Encoding.TEXT);
  }

  /** A file of bytes. */
  public static WriteFile bytes(String path, byte[] bytes) {
    return new WriteFile(path, Base64.getEncoder().encodeToString(bytes), Encoding.BASE64);
  }

  byte[] toBytes() {
    return encoding == Encoding.TEXT
        ? content.getBytes(StandardCharsets.UTF_8)
        : Base64.getDecoder().decode(content);
  }
}
