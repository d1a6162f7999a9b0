package dev.holdfast.store.json;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.POJONode;
import tools.jackson.databind.node.StringNode;

class JsonTest {

  record Leg(String to, double price) {}

  @Test
  void makesTreesThatEqualWhatIsReadBack() {
    List<Object> values = Arrays.asList(
        null,
        "booking",
        1L,
        1.5f,
        1e300,
        -0.0,
        new BigDecimal("1.10"),
        new byte[] {1, 2},
        List.of(1, "a"),
        Map.of("a", Map.of()),
        new Leg("SEA", 10),
        new POJONode(new Leg("SEA", 10)),
        JsonNodeFactory.instance.arrayNode().add(1L).add(1.5));
    for (Object value : values) {
      JsonNode tree = json(value);
      assertThat(Json.parse(Json.write(tree))).isEqualTo(tree);
    }
    assertThat(json("booking")).isEqualTo(StringNode.valueOf("booking"));
    assertThat(json(null)).isSameAs(NullNode.instance);
  }

  @Test
  void sharesNothingWithTheTreeItWasGiven() {
    ObjectNode original = JsonNodeFactory.instance.objectNode();
    JsonNode copy = json(original);
    original.put("a", 1);
    assertThat(copy).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{'a':1}",
        "{a:1}",
        "[1] 2",
        "[1]]",
        "/* c */ 1",
        "1 // c",
        "# c\n1",
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"\\u0061\":1}",
        "NaN",
        "Infinity",
        "-",
        "01",
        "1.",
        ".5",
        "+1",
        "0x10",
        "1e",
        "\"\n\"",
        "\"\\x\"",
        "\"\\ud83\"",
        "nul",
        "\uFEFF1",
        "\u00a01",
        "tru e"
      })
  void refusesTextThatIsNotOneStrictDocument(String json) {
    assertThatThrownBy(() -> Json.parse(json)).isInstanceOf(CodecException.class);
    assertThatThrownBy(() -> Json.canonical(json)).isInstanceOf(CodecException.class);
  }

  @Test
  void readsNullAsANode() {
    assertThat(Json.parse("null")).isSameAs(NullNode.instance);
    assertThat(Json.write(NullNode.instance)).isEqualTo("null");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{ \"b\" : 1, \"a\" : [ 1.0, 1e5 ] } | {\"a\":[1.0,1E+5],\"b\":1}",
        "{\"aa\":1,\"B\":2,\"a\":3,\"\":4} | {\"\":4,\"B\":2,\"a\":3,\"aa\":1}",
        "{\"x\":{\"b\":1,\"a\":2}} | {\"x\":{\"a\":2,\"b\":1}}",
        "\"\\u0041\\/\" | \"A/\"",
        "1.10 | 1.10",
        "-0 | 0"
      })
  void hasOneTextForEqualDocuments(String json, String canonical) {
    assertThat(Json.canonical(json)).isEqualTo(canonical);
    assertThat(Json.canonical(canonical)).isEqualTo(canonical);
    assertThat(Json.canonical(Json.parse(json))).isEqualTo(canonical);
  }

  @Test
  void sortsKeysByCodeUnitAndNotByCodePoint() {
    // U+1F600 is D83D DE00, which is below U+FF01 by code unit and above it by code point.
    assertThat(Json.canonical("{\"\uFF01\":1,\"\uD83D\uDE00\":2}"))
        .isEqualTo("{\"\uD83D\uDE00\":2,\"\uFF01\":1}");
  }

  @Test
  void keepsTheOrderOfKeysWhenWriting() {
    assertThat(Json.write(Json.parse("{\"b\": 1, \"a\": 2}"))).isEqualTo("{\"b\":1,\"a\":2}");
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void equalTreesAndOnlyThoseHaveTheSameCanonicalText(long seed) {
    TestingJson random = new TestingJson(seed);
    for (int i = 0; i < 2_000; i++) {
      JsonNode a = random.document(3);
      JsonNode b = random.variant(a);
      assertThat(Json.canonical(a).equals(Json.canonical(b)))
          .as("seed %d, pair %d", seed, i)
          .isEqualTo(a.equals(b));
      assertThat(Json.parse(Json.write(a))).as("seed %d, pair %d", seed, i).isEqualTo(a);
    }
  }
}
