package dev.holdfast.store.json.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.TestingJson;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

class ArrayTextTest {

  @Test
  void joinsArraysAsText() {
    assertThat(ArrayText.concat(List.of())).isEqualTo("[]");
    assertThat(ArrayText.concat(List.of("[]", "[ ]", " [\n] "))).isEqualTo("[]");
    assertThat(ArrayText.concat(List.of("[1, 2]", "[]", " [ 1.10 ]\n", "[[],{}]")))
        .isEqualTo("[1, 2,1.10,[],{}]");
    assertThat(ArrayText.concat(List.of("[\"]\"]", "[\" [ \"]"))).isEqualTo("[\"]\",\" [ \"]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", " \t\r\n[1]", "[[]]"})
  void knowsArrays(String json) {
    assertThat(ArrayText.isArray(json)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "{}", "\"[]\"", "1", "null", "\u00a0[]"})
  void knowsWhatIsNoArray(String json) {
    assertThat(ArrayText.isArray(json)).isFalse();
    assertThatThrownBy(() -> ArrayText.concat(List.of("[1]", json)))
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VALUE_TYPE));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void joinsAsTreesWould(long seed) {
    TestingJson random = new TestingJson(seed);
    for (int i = 0; i < 500; i++) {
      ArrayNode expected = JsonNodeFactory.instance.arrayNode();
      List<String> arrays = new ArrayList<>();
      for (int part = 0; part < i % 5; part++) {
        JsonNode array = JsonNodeFactory.instance.arrayNode().add(random.document(2));
        expected.add(array.get(0));
        arrays.add(" " + array.toPrettyString());
      }
      assertThat(Json.parse(ArrayText.concat(arrays))).as("seed %d", seed).isEqualTo(expected);
    }
  }
}
