package dev.holdfast.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.internal.JsonGuard;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class JsonLimitsTest {

  private static final JsonLimits HIGHEST = new JsonLimits(256 << 20, 1_000, 8_000, 8_000);

  @ParameterizedTest
  @CsvSource({
    "0,1,1,0,maxBytes",
    "268435457,1,1,0,maxBytes",
    "1,0,1,0,maxDepth",
    "1,1001,1,0,maxDepth",
    "1,1,0,0,maxNumberDigits",
    "1,1,10001,0,maxNumberDigits",
    "1,1,1,-1,maxNumberExponent",
    "1,1,1,10001,maxNumberExponent"
  })
  void refusesWhatIsOutOfRange(int bytes, int depth, int digits, int exponent, String name) {
    assertThatThrownBy(() -> new JsonLimits(bytes, depth, digits, exponent))
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
        .hasMessageContaining(name);
  }

  @Test
  void acceptsTheEndsOfTheRanges() {
    assertThatCode(() -> new JsonLimits(1, 1, 1, 0)).doesNotThrowAnyException();
    assertThat(JsonLimits.DEFAULT).isEqualTo(new JsonLimits(1_048_576, 200, 1_000, 400));
  }

  @Test
  void everythingThatTheHighestLimitsAllowCanBeReadAndWritten() {
    String deep = "[".repeat(1_000) + "]".repeat(1_000);
    List<String> extremes = List.of(
        deep,
        "{\"a\":".repeat(1_000) + "1" + "}".repeat(1_000),
        "9".repeat(8_000),
        "-0." + "0".repeat(7_999) + "1".repeat(8_000),
        "-1." + "1".repeat(7_999) + "E-8000",
        "1E+8000",
        "1e-000000000000000008000",
        "{\"" + "k".repeat(2_000_000) + "\":\"" + "v".repeat(2_000_000) + "\"}");
    for (String json : extremes) {
      JsonGuard.check(json, HIGHEST, "the value");
      JsonNode tree = Json.parse(json);
      JsonGuard.check(Json.write(tree), HIGHEST, "the value written again");
      assertThat(Json.parse(Json.write(tree))).isEqualTo(tree);
      assertThat(JacksonCodec.of(Object.class).decode(json)).isNotNull();
      assertThat(Json.json(List.of(tree)).get(0)).isEqualTo(tree);
    }
  }

  @Test
  void readsAPatchAroundTheDeepestValue() {
    JsonNode deep = Json.parse("[".repeat(1_000) + "]".repeat(1_000));
    JsonPatch patch = JsonPatch.between(Json.parse("{}"), deep);
    assertThat(JsonPatch.parse(patch.toString()).apply(Json.parse("{}"))).isEqualTo(deep);
  }

  @Test
  void readsTextAsLongAsTheHighestLimit() {
    assertThat(Jackson.FACTORY.streamReadConstraints().getMaxStringLength())
        .isGreaterThanOrEqualTo(HIGHEST.maxBytes());
    assertThat(Jackson.FACTORY.streamReadConstraints().getMaxNameLength())
        .isGreaterThanOrEqualTo(HIGHEST.maxBytes());
    assertThat(Jackson.FACTORY.streamReadConstraints().hasMaxDocumentLength()).isFalse();
    assertThat(Jackson.FACTORY.streamReadConstraints().hasMaxTokenCount()).isFalse();
  }
}
