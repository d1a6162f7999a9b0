package dev.holdfast.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.POJONode;

/** What has no exact JSON form is not written, and what is not exactly the type is not read. */
class JacksonCodecRefusalTest {

  private static final Codec<JsonNode> TREE = JacksonCodec.tree();

  record Measure(double value) {}

  record Trip(List<Leg> legs) {}

  record Leg(String to, BigDecimal price) {}

  enum Phase {
    SEARCH
  }

  static final class Cyclic {
    public Cyclic itself = this;
  }

  static final class Failing {
    private final Optional<String> name = Optional.empty();

    public String getName() {
      return name.orElseThrow();
    }
  }

  @Test
  void refusesMissingNodesWhereverTheyAre() {
    assertThatThrownBy(() -> TREE.encode(MissingNode.getInstance()))
        .isInstanceOfSatisfying(CodecException.class, e -> assertThat(e.path()).isEmpty());
    JsonNode nested = JsonNodeFactory.instance
        .objectNode()
        .set("a/b", JsonNodeFactory.instance.arrayNode().add(1).add(MissingNode.getInstance()));
    assertThatThrownBy(() -> TREE.encode(nested))
        .isInstanceOfSatisfying(
            CodecException.class, e -> assertThat(e.path()).isEqualTo("/a~1b/1"));
  }

  @Test
  void saysThatATextIsBeyondWhatIsRead() {
    for (String text : List.of("[".repeat(2_000), "1".repeat(50_000))) {
      assertThatThrownBy(() -> TREE.decode(text))
          .isInstanceOf(CodecException.class)
          .hasMessageContaining("nested more deeply, or has a longer number");
    }
  }

  static List<Object> nonFinite() {
    return List.of(
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        new double[] {1, Double.NaN},
        new Measure(Double.NaN),
        Map.of("NaN", List.of(Float.NaN)),
        DoubleNode.valueOf(Double.NEGATIVE_INFINITY),
        JsonNodeFactory.instance.arrayNode().add(Double.NaN),
        new POJONode(Double.NaN));
  }

  @ParameterizedTest
  @MethodSource("nonFinite")
  void refusesNumbersThatAreNotFinite(Object value) {
    List<Codec<Object>> codecs =
        List.of(JacksonCodec.of(Object.class), JacksonCodec.of(JsonMapper.shared(), Object.class));
    for (Codec<Object> codec : codecs) {
      assertThatThrownBy(() -> codec.encode(value))
          .isInstanceOf(CodecException.class)
          .hasMessageContaining("not finite");
    }
  }

  @Test
  void namesThePathOfANumberThatIsNotFinite() {
    assertThatThrownBy(() ->
            JacksonCodec.of(Object.class).encode(Map.of("a", List.of(1, Double.NaN))))
        .isInstanceOfSatisfying(CodecException.class, e -> assertThat(e.path()).isEqualTo("/a/1"));
  }

  @Test
  void refusesPropertiesThatTheTypeDoesNotHave() {
    assertThatThrownBy(() -> JacksonCodec.of(Measure.class).decode("{\"value\":1,\"secret\":7}"))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("Measure")
        .hasMessageContaining("no such property")
        .hasMessageEndingWith("at /secret");
  }

  static List<List<Object>> misfits() {
    return List.of(
        List.of(Integer.class, "\"s3cret\""),
        List.of(Integer.class, "\"12345\""),
        List.of(Integer.class, "12345.5"),
        List.of(Integer.class, "12345678901"),
        List.of(Integer.class, "true"),
        List.of(Integer.class, "\"\""),
        List.of(Integer.class, "[]"),
        List.of(Long.class, "1e99999999999"),
        List.of(Integer.class, "1e99999999999"),
        List.of(BigDecimal.class, "1e99999999999"),
        List.of(BigInteger.class, "1e1999999999"),
        List.of(JsonNode.class, "1e99999999999"),
        List.of(String.class, "12345"),
        List.of(String.class, "12345.5"),
        List.of(String.class, "true"),
        List.of(String.class, "{\"s3cret\":1}"),
        List.of(Boolean.class, "12345"),
        List.of(Boolean.class, "\"true\""),
        List.of(UUID.class, "\"s3cret\""),
        List.of(UUID.class, "\"\""),
        List.of(Instant.class, "\"s3cret\""),
        List.of(LocalDate.class, "\"\""),
        List.of(Phase.class, "\"s3cret\""),
        List.of(Phase.class, "\"\""),
        List.of(Phase.class, "0"),
        List.of(Measure.class, "\"s3cret\""),
        List.of(Measure.class, "\"\""),
        List.of(Measure.class, "[]"),
        List.of(Measure.class, "{\"value\":\"s3cret\"}"),
        List.of(Measure.class, "{\"value\":1} s3cret"),
        List.of(Measure.class, "{\"value\":1,\"value\":12345}"),
        List.of(JsonNode.class, "{\"a\":1,\"a\":12345}"),
        List.of(JsonNode.class, "12345 1"),
        List.of(JsonNode.class, "null 12345"),
        List.of(JsonNode.class, ""),
        List.of(JsonNode.class, "NaN"),
        List.of(JsonNode.class, "s3cret"));
  }

  @ParameterizedTest
  @MethodSource("misfits")
  void namesTheTypeAndNeverTheValueWhenItDoesNotFit(List<Object> misfit) {
    Class<?> type = (Class<?>) misfit.get(0);
    assertThatThrownBy(() -> JacksonCodec.of(type).decode((String) misfit.get(1)))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining(type.getSimpleName())
        .hasMessageNotContainingAny("s3cret", "12345")
        .hasCauseInstanceOf(RuntimeException.class);
  }

  @Test
  void namesThePathOfWhatDoesNotFit() {
    Codec<Trip> codec = JacksonCodec.of(Trip.class);
    String json = "{\"legs\":[{\"to\":\"a\",\"price\":\"x\"}]}";
    assertThatThrownBy(() -> codec.decode(json))
        .isInstanceOfSatisfying(
            CodecException.class, e -> assertThat(e.path()).isEqualTo("/legs/0/price"));
  }

  @Test
  void refusesWhatHasNoJsonForm() {
    Object[] self = new Object[1];
    self[0] = self;
    Codec<Object> codec = JacksonCodec.of(Object.class);
    for (Object value : List.of(self, new Cyclic(), List.of(new Failing()))) {
      assertThatThrownBy(() -> codec.encode(value))
          .isInstanceOf(CodecException.class)
          .hasCauseInstanceOf(JacksonException.class);
    }
  }
}
