package dev.holdfast.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.BigIntegerNode;
import tools.jackson.databind.node.BinaryNode;
import tools.jackson.databind.node.DecimalNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.POJONode;
import tools.jackson.databind.node.StringNode;

class JacksonCodecTest {

  private static final Codec<JsonNode> TREE = JacksonCodec.tree();

  record Flight(String id, int seats, @Nullable String note, List<Leg> legs) {
    boolean isDirect() {
      return legs.size() == 1;
    }
  }

  record Leg(String to, BigDecimal price, Optional<Instant> at) {}

  record Measure(double value) {}

  record Page<T>(List<T> items) {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Circle.class, name = "circle"),
    @JsonSubTypes.Type(value = Square.class, name = "square")
  })
  sealed interface Shape {}

  record Circle(double radius) implements Shape {}

  record Square(double side) implements Shape {}

  enum Phase {
    SEARCH,
    BOOKING;

    @Override
    public String toString() {
      return "a phase";
    }
  }

  static class Animal {
    public String name = "";
  }

  static final class Dog extends Animal {
    public int bones;
  }

  static List<Object> values() {
    return List.of(
        "",
        "a \"b\" \\ / é \uD83D\uDE00 \u0001",
        true,
        'c',
        (byte) 1,
        (short) -2,
        Integer.MIN_VALUE,
        Long.MAX_VALUE,
        1.5f,
        -0.0,
        Double.MIN_VALUE,
        Double.MAX_VALUE,
        new BigDecimal("1.10"),
        new BigDecimal("1E+5"),
        BigInteger.TEN.pow(300),
        UUID.fromString("00000000-0000-0000-0000-000000000001"),
        Phase.BOOKING,
        TimeUnit.DAYS,
        Instant.parse("2026-01-02T03:04:05.123456789Z"),
        LocalDate.parse("2026-01-02"),
        Duration.ofNanos(1),
        OffsetDateTime.parse("2026-01-02T03:04:05+05:30"),
        ZonedDateTime.parse("2026-07-02T03:04:05+02:00[Europe/Berlin]"));
  }

  @ParameterizedTest
  @MethodSource("values")
  void givesBackScalarsEqualAndCallsThemImmutable(Object value) {
    @SuppressWarnings("unchecked")
    Codec<Object> codec = JacksonCodec.of((Class<Object>) value.getClass());
    assertThat(codec.decode(codec.encode(value))).isEqualTo(value);
    assertThat(codec.isImmutable(value)).isTrue();
  }

  @Test
  void givesBackRecordsEqual() {
    Codec<Flight> codec = JacksonCodec.of(Flight.class);
    Flight flight = new Flight(
        "f1",
        3,
        null,
        List.of(
            new Leg("SEA", new BigDecimal("10.00"), Optional.of(Instant.EPOCH)),
            new Leg("JFK", new BigDecimal("-1E+3"), Optional.empty())));
    assertThat(codec.decode(codec.encode(flight))).isEqualTo(flight);
    assertThat(codec.encode(flight)).doesNotContain("direct");
    assertThat(codec.isImmutable(flight)).isFalse();
  }

  @Test
  void givesBackGenericTypesEqual() {
    Codec<Page<Shape>> pages = JacksonCodec.of(new TypeReference<Page<Shape>>() {});
    Page<Shape> page = new Page<>(List.of(new Circle(1), new Square(2)));
    assertThat(pages.decode(pages.encode(page))).isEqualTo(page);

    Codec<List<Shape>> lists = JacksonCodec.of(new TypeReference<List<Shape>>() {});
    assertThat(lists.decode(lists.encode(page.items()))).isEqualTo(page.items());

    Codec<Shape> shapes = JacksonCodec.of(Shape.class);
    assertThat(shapes.decode(shapes.encode(new Square(3)))).isEqualTo(new Square(3));
  }

  @Test
  void neverDropsWhatASubclassAdds() {
    Codec<Animal> codec = JacksonCodec.of(Animal.class);
    String json = codec.encode(new Dog());
    assertThat(json).contains("bones");
    assertThatThrownBy(() -> codec.decode(json)).isInstanceOf(CodecException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.0",
        "1.10",
        "0.000",
        "1",
        "-1",
        "123456789012345678901234567890",
        "1E+5",
        "1E-400",
        "0.123456789012345678901234567890",
        "2147483648",
        "9223372036854775808",
        "0"
      })
  void keepsTheDigitsOfNumbersInTrees(String number) {
    for (String json : List.of(number, "[" + number + "]", "{\"a\":" + number + "}")) {
      assertThat(TREE.encode(TREE.decode(json))).isEqualTo(json);
    }
    Codec<Map<String, Object>> maps = JacksonCodec.of(new TypeReference<Map<String, Object>>() {});
    assertThat(maps.encode(maps.decode("{\"a\":" + number + "}")))
        .isEqualTo("{\"a\":" + number + "}");
  }

  @Test
  void readsFractionsAsDecimalsAndNeverExpandsExponents() {
    assertThat(TREE.decode("1.10")).isEqualTo(DecimalNode.valueOf(new BigDecimal("1.10")));
    assertThat(TREE.decode("1.0")).isNotEqualTo(TREE.decode("1"));
    assertThat(TREE.decode("1e5")).isEqualTo(DecimalNode.valueOf(new BigDecimal("1E5")));
    assertThat(TREE.encode(TREE.decode("1e5"))).isEqualTo("1E+5");
    assertThat(TREE.encode(TREE.decode("10e0"))).isEqualTo("10");
    assertThat(TREE.decode("10e0")).isEqualTo(TREE.decode("10"));
    assertThat(TREE.decode("1e-0")).isEqualTo(TREE.decode("1"));
    assertThat(TREE.decode("2147483648e0")).isEqualTo(TREE.decode("2147483648"));
    assertThat(TREE.decode("9223372036854775808e0")).isEqualTo(TREE.decode("9223372036854775808"));
    assertThat(TREE.decode("9223372036854775808"))
        .isEqualTo(BigIntegerNode.valueOf(BigInteger.ONE.shiftLeft(63)));
  }

  @Test
  void turnsNullIntoNullBothWays() {
    assertThat(TREE.decode("null")).isNull();
    assertThat(TREE.decode(" null\n")).isNull();
    assertThat(TREE.encode(null)).isEqualTo("null");
    assertThat(TREE.encode(NullNode.instance)).isEqualTo("null");
    assertThat(JacksonCodec.of(int.class).decode("null")).isNull();
    assertThat(JacksonCodec.of(new TypeReference<Optional<String>>() {}).decode("null"))
        .isNull();
    assertThat(JacksonCodec.of(Flight.class).encode(null)).isEqualTo("null");
    assertThat(TREE.decode("[null]"))
        .isEqualTo(JsonNodeFactory.instance.arrayNode().addNull());
  }

  @Test
  void acceptsTextThatSpellsNaN() {
    Codec<Object> codec = JacksonCodec.of(Object.class);
    Map<String, Object> value = Map.of("Infinity", List.of("NaN", "-Infinity"));
    assertThat(codec.decode(codec.encode(value))).isEqualTo(value);
  }

  @Test
  void readsWithinItsOwnBoundsWhateverTheMapperSays() {
    JsonMapper mapper = JsonMapper.builder().build();
    String key = "k".repeat(100_000);
    String json = "{\"" + key + "\":" + "9".repeat(5_000) + "}";
    assertThat(JacksonCodec.of(mapper, JsonNode.class).decode(json)).hasToString(json);
  }

  @Test
  void followsAGivenMapperInAllElse() {
    JsonMapper lenient = JsonMapper.builder().build();
    assertThat(JacksonCodec.of(lenient, Measure.class).decode("{\"value\":1,\"other\":2}"))
        .isEqualTo(new Measure(1));
    assertThat(JacksonCodec.of(lenient, Phase.class).encode(Phase.SEARCH)).isEqualTo("\"a phase\"");
  }

  @Test
  void callsScalarNodesImmutableAndContainersNot() {
    for (String json : List.of("1", "1.5", "\"a\"", "true", "123456789012345678901234567890")) {
      assertThat(TREE.isImmutable(Json.parse(json))).as(json).isTrue();
    }
    assertThat(TREE.isImmutable(NullNode.instance)).isTrue();
    assertThat(TREE.isImmutable(StringNode.valueOf("a"))).isTrue();
    for (JsonNode node : List.of(
        Json.parse("[]"),
        Json.parse("{}"),
        new POJONode(new int[1]),
        BinaryNode.valueOf(new byte[1]))) {
      assertThat(TREE.isImmutable(node)).isFalse();
    }
    assertThat(JacksonCodec.of(Object.class).isImmutable(List.of("a"))).isFalse();
  }
}
