package dev.holdfast.store.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Random documents that are small and alike, so that two of them have much in common. */
public final class TestingJson {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final List<String> KEYS =
      List.of("a", "b", "", "/", "~", "~1", "0", "é", "\uD83D\uDE00", "m n");
  private static final List<String> TEXTS =
      List.of("", "x", "null", "\"", "\\", "\u0001", "\uD83D\uDE00", "NaN");
  private static final List<String> NUMBERS = List.of(
      "0",
      "1",
      "1.0",
      "1.00",
      "-1",
      "1E+5",
      "100000",
      "1e-400",
      "2147483648",
      "9223372036854775808",
      "0.1");

  private final Random random;

  /** Documents that follow from a seed. */
  public TestingJson(long seed) {
    this.random = new Random(seed);
  }

  /** A document of at most so many levels. */
  public JsonNode document(int depth) {
    return switch (random.nextInt(depth > 0 ? 10 : 4)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.booleanNode(random.nextBoolean());
      case 2 -> Json.parse(pick(NUMBERS));
      case 3 -> NODES.stringNode(pick(TEXTS));
      case 4, 5, 6 -> array(depth);
      default -> object(depth);
    };
  }

  /** A document that differs from another in some places, or in none. */
  public JsonNode variant(JsonNode node) {
    if (random.nextInt(6) == 0) {
      return document(2);
    }
    if (node instanceof ArrayNode array) {
      return variantOf(array);
    }
    return node instanceof ObjectNode object ? variantOf(object) : node.deepCopy();
  }

  private JsonNode variantOf(ArrayNode array) {
    ArrayNode variant = NODES.arrayNode();
    for (JsonNode element : array) {
      switch (random.nextInt(8)) {
        case 0 -> {}
        case 1 -> variant.add(document(2)).add(element.deepCopy());
        case 2 -> variant.add(variant(element));
        default -> variant.add(element.deepCopy());
      }
    }
    return random.nextInt(5) == 0 ? variant.add(document(1)) : variant;
  }

  private JsonNode variantOf(ObjectNode object) {
    ObjectNode variant = NODES.objectNode();
    object.forEachEntry((key, value) -> {
      if (random.nextInt(8) > 0) {
        variant.set(key, random.nextInt(3) == 0 ? variant(value) : value.deepCopy());
      }
    });
    return random.nextInt(5) == 0 ? variant.set(pick(KEYS), document(1)) : variant;
  }

  private JsonNode array(int depth) {
    ArrayNode array = NODES.arrayNode();
    for (int i = random.nextInt(6); i > 0; i--) {
      array.add(document(depth - 1));
    }
    return array;
  }

  private JsonNode object(int depth) {
    ObjectNode object = NODES.objectNode();
    for (int i = random.nextInt(5); i > 0; i--) {
      object.set(pick(KEYS), document(depth - 1));
    }
    return object;
  }

  private <T> T pick(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  /** A number as text, of any shape that JSON has, its exponent included. */
  public String number(int maxDigits) {
    BigInteger digits = new BigInteger(random.nextInt(4 * maxDigits) + 1, random);
    BigDecimal plain = new BigDecimal(digits, random.nextInt(maxDigits));
    String exponent = random.nextBoolean() ? "e" + (random.nextInt(1_000) - 500) : "";
    return (random.nextBoolean() ? "-" : "") + plain.toPlainString() + exponent;
  }
}
