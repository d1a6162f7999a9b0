package dev.holdfast.store.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Twenty seeds times a thousand pairs. */
class JsonPatchLawTest {

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void thePatchBetweenTwoDocumentsTurnsOneIntoTheOther(long seed) {
    TestingJson random = new TestingJson(seed);
    for (int i = 0; i < 1_000; i++) {
      JsonNode from = random.document(4);
      JsonNode to = i % 10 == 0 ? random.document(4) : random.variant(from);
      checkLaw(from, to, "seed %d, pair %d".formatted(seed, i));
    }
  }

  private static void checkLaw(JsonNode from, JsonNode to, String pair) {
    String before = Json.write(from);
    String target = Json.write(to);
    JsonPatch patch = JsonPatch.between(from, to);
    JsonNode result = patch.apply(from);
    assertThat(result).as(pair).isEqualTo(to);
    assertThat(Json.canonical(result)).as(pair).isEqualTo(Json.canonical(to));
    assertThat(patch.isEmpty()).as(pair).isEqualTo(from.equals(to));
    assertThat(JsonPatch.parse(patch.toString()).apply(from)).as(pair).isEqualTo(to);
    assertThat(patch.operations()).as(pair).allMatch(o -> o.op().matches("add|remove|replace"));
    assertThat(Json.write(from)).as(pair).isEqualTo(before);
    assertThat(Json.write(to)).as(pair).isEqualTo(target);
  }
}
