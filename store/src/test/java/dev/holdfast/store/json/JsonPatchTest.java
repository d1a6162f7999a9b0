package dev.holdfast.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.ObjectNode;

class JsonPatchTest {

  private static JsonNode apply(String patch, String document) {
    return JsonPatch.parse(patch.replace('\'', '"')).apply(Json.parse(document.replace('\'', '"')));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a':1} | [{'op':'add','path':'','value':[1]}] | [1]",
        "{'a':1} | [{'op':'replace','path':'','value':null}] | null",
        "1 | [{'op':'test','path':'','value':1.0}] | 1",
        "{'a':{'b':1}} | [{'op':'move','from':'/a/b','path':''}] | 1",
        "{'a':{'b':1}} | [{'op':'move','from':'/a/b','path':'/a'}] | {'a':1}",
        "{'a':1} | [{'op':'move','from':'/a','path':'/a'}] | {'a':1}",
        "{'a':1} | [{'op':'move','from':'','path':''}] | {'a':1}",
        "{'a':1} | [{'op':'copy','from':'','path':'/b'}] | {'a':1,'b':{'a':1}}",
        "{'a':[1]} | [{'op':'copy','from':'/a','path':'/a/-'}] | {'a':[1,[1]]}",
        "{'':1} | [{'op':'replace','path':'/','value':2}] | {'':2}",
        "{'a/b':1,'c~d':2} | [{'op':'remove','path':'/a~1b'},{'op':'remove','path':'/c~0d'}] | {}",
        "{'01':1} | [{'op':'remove','path':'/01'}] | {}",
        "{'-':1} | [{'op':'remove','path':'/-'}] | {}",
        "[1] | [{'op':'add','path':'/1','value':2}] | [1,2]",
        "[1,2] | [{'op':'add','path':'/0','value':0}] | [0,1,2]",
        "[1,2] | [{'op':'move','from':'/0','path':'/-'}] | [2,1]",
        "{'a':null} | [{'op':'test','path':'/a','value':null}] | {'a':null}",
        "{'a':1} | [{'op':'add','path':'/a','value':null}] | {'a':null}",
        "[100] | [{'op':'test','path':'/0','value':1e2},{'op':'test','path':'','value':[100.00]}] | [100]",
        "{'a':1,'b':[2]} | [{'op':'test','path':'','value':{'b':[2.0],'a':1}}] | {'a':1,'b':[2]}",
        "{} | [] | {}"
      })
  void appliesToRootsIndexesAndEscapes(String document, String patch, String result) {
    assertThat(apply(patch, document)).isEqualTo(Json.parse(result.replace('\'', '"')));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a':1} | [{'op':'remove','path':''}]",
        "{'a':1} | [{'op':'remove','path':'/b'}]",
        "{'a':1} | [{'op':'replace','path':'/b','value':1}]",
        "{'a':1} | [{'op':'test','path':'/b','value':null}]",
        "{'a':1} | [{'op':'add','path':'/a/b','value':1}]",
        "{'a':'b'} | [{'op':'remove','path':'/a/0'}]",
        "{'a':{}} | [{'op':'move','from':'/a','path':'/a/b'}]",
        "{'a':{}} | [{'op':'move','from':'','path':'/a'}]",
        "{'a':{}} | [{'op':'copy','from':'/b','path':'/a'}]",
        "[1] | [{'op':'add','path':'/2','value':2}]",
        "[1] | [{'op':'add','path':'/01','value':2}]",
        "[1] | [{'op':'add','path':'/+1','value':2}]",
        "[1] | [{'op':'add','path':'/1e0','value':2}]",
        "[1] | [{'op':'add','path':'/','value':2}]",
        "[1] | [{'op':'add','path':'/a','value':2}]",
        "[1] | [{'op':'add','path':'/99999999999','value':2}]",
        "[1] | [{'op':'remove','path':'/1'}]",
        "[1] | [{'op':'remove','path':'/-'}]",
        "[1] | [{'op':'replace','path':'/-','value':1}]",
        "[1] | [{'op':'replace','path':'/00','value':1}]",
        "[1,2] | [{'op':'move','from':'/0','path':'/2'}]",
        "['1'] | [{'op':'test','path':'/0','value':1}]",
        "[1] | [{'op':'test','path':'','value':[1,1]}]",
        "{'a':1} | [{'op':'test','path':'','value':{'b':1}}]"
      })
  void failsWhenAnOperationDoesNotApply(String document, String patch) {
    assertThatThrownBy(() -> apply(patch, document))
        .isInstanceOfSatisfying(JsonPatchException.class, e -> {
          assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
          assertThat(e.index()).isZero();
        });
  }

  @Test
  void namesTheOperationThatFailedAndChangesNothing() {
    JsonNode document = Json.parse("{\"a\":1}");
    JsonPatch patch = JsonPatch.parse(
        "[{\"op\":\"add\",\"path\":\"/b\",\"value\":2},{\"op\":\"remove\",\"path\":\"/c~1d\"}]");
    assertThatThrownBy(() -> patch.apply(document))
        .isInstanceOfSatisfying(JsonPatchException.class, e -> {
          assertThat(e.index()).isEqualTo(1);
          assertThat(e.path()).isEqualTo("/c~1d");
          assertThat(e.context()).containsEntry("index", 1).containsEntry("path", "/c~1d");
        })
        .hasMessageContaining("operation 1")
        .hasMessageEndingWith("at /c~1d");
    assertThat(document).isEqualTo(Json.parse("{\"a\":1}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "null",
        "[1]",
        "[null]",
        "[[]]",
        "[{}]",
        "[{'op':'add','value':1}]",
        "[{'op':'add','path':'/a'}]",
        "[{'op':'add','path':1,'value':1}]",
        "[{'op':1,'path':'/a','value':1}]",
        "[{'path':'/a','value':1}]",
        "[{'op':'spam','path':'/a','value':1}]",
        "[{'op':'ADD','path':'/a','value':1}]",
        "[{'op':'add','path':'a','value':1}]",
        "[{'op':'add','path':'/~','value':1}]",
        "[{'op':'add','path':'/~2','value':1}]",
        "[{'op':'replace','path':'/a'}]",
        "[{'op':'test','path':'/a'}]",
        "[{'op':'move','path':'/a'}]",
        "[{'op':'copy','path':'/a','from':1}]",
        "[{'op':'copy','path':'/a','from':'b'}]"
      })
  void refusesMalformedPatches(String patch) {
    assertThatThrownBy(() -> JsonPatch.parse(patch.replace('\'', '"')))
        .isInstanceOf(JsonPatchException.class);
  }

  @Test
  void namesTheOperationThatIsMalformed() {
    assertThatThrownBy(() ->
            JsonPatch.parse("[{\"op\":\"remove\",\"path\":\"\"},{\"op\":\"x\",\"path\":\"/p\"}]"))
        .isInstanceOfSatisfying(JsonPatchException.class, e -> {
          assertThat(e.index()).isEqualTo(1);
          assertThat(e.path()).isEqualTo("/p");
        });
  }

  @Test
  void refusesOperationsThatLackOrHaveTooMuch() {
    JsonNode one = Json.json(1);
    assertThatThrownBy(() -> new JsonPatch.Operation("add", "", null, null))
        .isInstanceOf(JsonPatchException.class);
    assertThatThrownBy(() -> new JsonPatch.Operation("remove", "", null, one))
        .isInstanceOf(JsonPatchException.class);
    assertThatThrownBy(() -> new JsonPatch.Operation("add", "", "", one))
        .isInstanceOf(JsonPatchException.class);
  }

  @Test
  void writesWhatItReads() {
    String json =
        "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/b\"},{\"op\":\"add\",\"path\":\"/c\",\"value\":1.10}]";
    JsonPatch patch = JsonPatch.parse(json);
    assertThat(patch).hasToString(json);
    assertThat(patch.toJson()).isEqualTo(Json.parse(json));
    assertThat(JsonPatch.of(patch.toJson())).isEqualTo(patch).hasSameHashCodeAs(patch);
    assertThat(patch.isEmpty()).isFalse();
    assertThat(patch.operations())
        .containsExactly(
            new JsonPatch.Operation("move", "/b", "/a", null),
            new JsonPatch.Operation("add", "/c", null, Json.parse("1.10")));
  }

  @Test
  void sharesNothingThatCanBeChanged() {
    ArrayNode value = JsonNodeFactory.instance.arrayNode();
    JsonPatch.Operation add = new JsonPatch.Operation("add", "/a", null, value);
    value.add(1);
    JsonPatch patch = JsonPatch.parse(
        "[{\"op\":\"add\",\"path\":\"/a\",\"value\":[]},{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"}]");
    assertThat(patch.operations().get(0).value())
        .isInstanceOfSatisfying(ArrayNode.class, a -> a.add(1));
    ((ArrayNode) patch.toJson().get(0).get("value")).add(1);
    JsonNode first = patch.apply(Json.parse("{}"));
    ((ArrayNode) first.get("a")).add(1);
    assertThat(add.value()).isEmpty();
    assertThat(first.get("b")).isEmpty();
    assertThat(patch.apply(Json.parse("{}"))).hasToString("{\"a\":[],\"b\":[]}");
    assertThatThrownBy(() -> patch.operations().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  /** Each of them doubles the document: with forty it would be too large for any memory. */
  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":1}", "{\"a\":\"text\"}", "{}"})
  void stopsCopyingWhereNothingOfTheKindCouldBeStored(String document) {
    JsonPatch patch = JsonPatch.parse(IntStream.range(0, 40)
        .mapToObj("{\"op\":\"copy\",\"from\":\"\",\"path\":\"/k%d\"}"::formatted)
        .collect(Collectors.joining(",", "[", "]")));

    assertThatThrownBy(() -> patch.apply(Json.parse(document), JsonLimits.DEFAULT))
        .isInstanceOfSatisfying(
            JsonPatchException.class, e -> assertThat(e.index()).isBetween(10, 25));
  }

  @Test
  void copiesWhatCanBeStored() {
    JsonNode document = Json.json(Map.of("text", "x".repeat(400_000)));
    JsonPatch once = JsonPatch.parse("[{\"op\":\"copy\",\"from\":\"/text\",\"path\":\"/more\"}]");

    assertThat(once.apply(document, JsonLimits.DEFAULT)).isEqualTo(once.apply(document));
    assertThatThrownBy(() -> once.apply(document, new JsonLimits(400_000, 10, 10, 10)))
        .isInstanceOf(JsonPatchException.class)
        .hasMessageContaining("copy");
  }

  @Test
  void findsSmallDifferences() {
    assertThat(between("[1,2,3,4]", "[1,2,9,3,4]"))
        .hasToString("[{\"op\":\"add\",\"path\":\"/2\",\"value\":9}]");
    assertThat(between("[1,2,3,4]", "[1,4]"))
        .hasToString("[{\"op\":\"remove\",\"path\":\"/2\"},{\"op\":\"remove\",\"path\":\"/1\"}]");
    assertThat(between("{\"a\":{\"b\":[{\"c\":1}]}}", "{\"a\":{\"b\":[{\"c\":1.0}]}}"))
        .hasToString("[{\"op\":\"replace\",\"path\":\"/a/b/0/c\",\"value\":1.0}]");
    assertThat(between("{\"a\":1}", "[1]"))
        .hasToString("[{\"op\":\"replace\",\"path\":\"\",\"value\":[1]}]");
    assertThat(between("{\"a\":1,\"b\":[]}", "{\"b\":[],\"a\":1}").isEmpty()).isTrue();
  }

  @Test
  void seesNoDifferenceBetweenNodesThatAreWrittenAlike() {
    ObjectNode node = JsonNodeFactory.instance.objectNode().put("a", 1.5);
    node.set("b", LongNode.valueOf(1));
    assertThat(JsonPatch.between(node, Json.json(node)).operations()).isEqualTo(List.of());
  }

  private static JsonPatch between(String from, String to) {
    return JsonPatch.between(Json.parse(from), Json.parse(to));
  }
}
