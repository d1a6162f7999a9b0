package dev.holdfast.store;

import dev.holdfast.store.json.internal.TextRules;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * The identity of a state. Both parts are non-empty text of at most {@value #MAX_BYTES} bytes in UTF-8 without NUL and without lone
 * surrogates; they are compared byte by byte, so text in different Unicode normal forms names different states. Immutable.
 *
 * @param namespace the tenant or domain
 * @param name the name within the namespace
 */
public record StateId(String namespace, String name) {

  /** The longest namespace, name or key, in bytes of UTF-8. */
  public static final int MAX_BYTES = 512;

  private static final int SHOWN = 100;

  /** Checks both parts. */
  public StateId {
    TextRules.requireText("namespace", namespace, MAX_BYTES);
    TextRules.requireText("name", name, MAX_BYTES);
  }

  /**
   * The identity as it is stored: the first 16 bytes of SHA-256 over namespace, a zero byte and name, marked as a version 8 UUID
   * (RFC 9562). The SQL function {@code state_id(namespace, name)} computes the same.
   */
  public UUID uuid() {
    MessageDigest digest = sha256();
    digest.update(namespace.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    ByteBuffer hash = ByteBuffer.wrap(digest.digest(name.getBytes(StandardCharsets.UTF_8)));
    long high = (hash.getLong() & 0xffff_ffff_ffff_0fffL) | 0x8000L;
    long low = (hash.getLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** Namespace and name for messages and logs: what does not print is escaped, what is long is cut. */
  @Override
  public String toString() {
    return TextRules.shown(namespace, SHOWN) + "/" + TextRules.shown(name, SHOWN);
  }
}
