package dev.holdfast.compute;

import dev.holdfast.store.json.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/**
 * Tells equal inputs from others: the same in every process and for every order of keys. Immutable.
 *
 * @param function name of the function
 * @param registration tells functions of one name apart that were registered one after the other
 * @param digest SHA-256 of the input's JSON with sorted keys; numbers keep their digits, so 1, 1.0 and "1" are three inputs
 */
record InputKey(String function, long registration, String digest) {

  private static final int SHOWN = 12;

  /** For messages. */
  @Override
  public String toString() {
    return function + " of input " + digest.substring(0, Math.min(SHOWN, digest.length()));
  }

  static InputKey of(String function, long registration, String json) {
    byte[] text = bytes(sorted(Json.parse(json)));
    return new InputKey(
        function, registration, HexFormat.of().formatHex(sha256().digest(text)));
  }

  /** Half of a surrogate pair, which would become a question mark, is escaped as JSON may have it. */
  private static byte[] bytes(String json) {
    if (StandardCharsets.UTF_8.newEncoder().canEncode(json)) {
      return json.getBytes(StandardCharsets.UTF_8);
    }
    StringBuilder text = new StringBuilder();
    json.codePoints().forEach(character -> append(text, character));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void append(StringBuilder text, int character) {
    if (Character.getType(character) == Character.SURROGATE) {
      text.append("\\u%04x".formatted(character));
    } else {
      text.appendCodePoint(character);
    }
  }

  private static String sorted(JsonNode node) {
    if (node.isObject()) {
      Map<String, JsonNode> entries = new TreeMap<>();
      node.properties().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
      return entries.entrySet().stream()
          .map(entry -> Json.json(entry.getKey()) + ":" + sorted(entry.getValue()))
          .collect(Collectors.joining(",", "{", "}"));
    }
    if (node.isArray()) {
      return StreamSupport.stream(node.spliterator(), false)
          .map(InputKey::sorted)
          .collect(Collectors.joining(",", "[", "]"));
    }
    return node.toString();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
