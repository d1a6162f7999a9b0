package dev.holdfast.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class JsonPatchRfcTest {

  private static JsonNode apply(String patch, String document) {
    return JsonPatch.parse(patch.replace('\'', '"')).apply(Json.parse(document.replace('\'', '"')));
  }

  /** RFC 6902 appendix A, in its order; single quotes stand for double ones. A.13 is refused below, for its key given twice. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "A.1 | {'foo':'bar'} | [{'op':'add','path':'/baz','value':'qux'}] | {'baz':'qux','foo':'bar'}",
        "A.2 | {'foo':['bar','baz']} | [{'op':'add','path':'/foo/1','value':'qux'}] | {'foo':['bar','qux','baz']}",
        "A.3 | {'baz':'qux','foo':'bar'} | [{'op':'remove','path':'/baz'}] | {'foo':'bar'}",
        "A.4 | {'foo':['bar','qux','baz']} | [{'op':'remove','path':'/foo/1'}] | {'foo':['bar','baz']}",
        "A.5 | {'baz':'qux','foo':'bar'} | [{'op':'replace','path':'/baz','value':'boo'}] | {'baz':'boo','foo':'bar'}",
        "A.6 | {'foo':{'bar':'baz','waldo':'fred'},'qux':{'corge':'grault'}}"
            + " | [{'op':'move','from':'/foo/waldo','path':'/qux/thud'}]"
            + " | {'foo':{'bar':'baz'},'qux':{'corge':'grault','thud':'fred'}}",
        "A.7 | {'foo':['all','grass','cows','eat']} | [{'op':'move','from':'/foo/1','path':'/foo/3'}]"
            + " | {'foo':['all','cows','eat','grass']}",
        "A.8 | {'baz':'qux','foo':['a',2,'c']}"
            + " | [{'op':'test','path':'/baz','value':'qux'},{'op':'test','path':'/foo/1','value':2}]"
            + " | {'baz':'qux','foo':['a',2,'c']}",
        "A.10 | {'foo':'bar'} | [{'op':'add','path':'/child','value':{'grandchild':{}}}]"
            + " | {'foo':'bar','child':{'grandchild':{}}}",
        "A.11 | {'foo':'bar'} | [{'op':'add','path':'/baz','value':'qux','xyz':123}] | {'foo':'bar','baz':'qux'}",
        "A.14 | {'/':9,'~1':10} | [{'op':'test','path':'/~01','value':10}] | {'/':9,'~1':10}",
        "A.16 | {'foo':['bar']} | [{'op':'add','path':'/foo/-','value':['abc','def']}] | {'foo':['bar',['abc','def']]}"
      })
  void doesWhatTheExamplesOfTheRfcSay(String name, String document, String patch, String result) {
    assertThat(apply(patch, document)).isEqualTo(Json.parse(result.replace('\'', '"')));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "A.9 | {'baz':'qux'} | [{'op':'test','path':'/baz','value':'bar'}]",
        "A.12 | {'foo':'bar'} | [{'op':'add','path':'/baz/bat','value':'qux'}]",
        "A.15 | {'/':9,'~1':10} | [{'op':'test','path':'/~01','value':'10'}]"
      })
  void failsWhereTheExamplesOfTheRfcFail(String name, String document, String patch) {
    assertThatThrownBy(() -> apply(patch, document)).isInstanceOf(JsonPatchException.class);
  }

  @Test
  void refusesTheInvalidDocumentOfTheRfc() {
    String patch = "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\",\"op\":\"remove\"}]";
    assertThatThrownBy(() -> JsonPatch.parse(patch)).isInstanceOf(CodecException.class);
  }
}
