package dev.holdfast.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class MergePatchTest {

  /** RFC 7396 appendix A, in its order; single quotes stand for double ones. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a':'b'} | {'a':'c'} | {'a':'c'}",
        "{'a':'b'} | {'b':'c'} | {'a':'b','b':'c'}",
        "{'a':'b'} | {'a':null} | {}",
        "{'a':'b','b':'c'} | {'a':null} | {'b':'c'}",
        "{'a':['b']} | {'a':'c'} | {'a':'c'}",
        "{'a':'c'} | {'a':['b']} | {'a':['b']}",
        "{'a':{'b':'c'}} | {'a':{'b':'d','c':null}} | {'a':{'b':'d'}}",
        "{'a':[{'b':'c'}]} | {'a':[1]} | {'a':[1]}",
        "['a','b'] | ['c','d'] | ['c','d']",
        "{'a':'b'} | ['c'] | ['c']",
        "{'a':'foo'} | null | null",
        "{'a':'foo'} | 'bar' | 'bar'",
        "{'e':null} | {'a':1} | {'e':null,'a':1}",
        "[1,2] | {'a':'b','c':null} | {'a':'b'}",
        "{} | {'a':{'bb':{'ccc':null}}} | {'a':{'bb':{}}}"
      })
  void doesWhatTheTableOfTheRfcSays(String target, String patch, String result) {
    JsonNode merged =
        MergePatch.parse(patch.replace('\'', '"')).apply(Json.parse(target.replace('\'', '"')));
    assertThat(merged).isEqualTo(Json.parse(result.replace('\'', '"')));
  }

  @Test
  void takesNoTargetForAnEmptyOne() {
    MergePatch patch = MergePatch.parse("{\"a\":{\"b\":1,\"c\":null}}");
    assertThat(patch.apply(null)).isEqualTo(Json.parse("{\"a\":{\"b\":1}}"));
  }

  @Test
  void sharesNothingThatCanBeChanged() {
    ObjectNode source = (ObjectNode) Json.parse("{\"a\":{\"b\":1}}");
    MergePatch patch = MergePatch.of(source);
    source.removeAll();
    ((ObjectNode) patch.apply(null).get("a")).put("x", 1);
    ((ObjectNode) patch.toJson()).removeAll();
    assertThat(patch).hasToString("{\"a\":{\"b\":1}}");
    assertThat(patch).isEqualTo(MergePatch.parse("{ \"a\" : { \"b\" : 1 } }"));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void neverChangesItsTargetAndIsIdempotent(long seed) {
    TestingJson random = new TestingJson(seed);
    for (int i = 0; i < 1_000; i++) {
      JsonNode target = random.document(3);
      MergePatch patch = MergePatch.of(random.variant(target));
      String before = Json.write(target);
      JsonNode once = patch.apply(target);
      assertThat(patch.apply(once)).as("seed %d, pair %d", seed, i).isEqualTo(once);
      assertThat(Json.write(target)).as("seed %d, pair %d", seed, i).isEqualTo(before);
    }
  }

  @Test
  void refusesTextThatIsNotJson() {
    assertThatThrownBy(() -> MergePatch.parse("{")).isInstanceOf(CodecException.class);
  }
}
