package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.json.CodecException;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Every text comes back as it was, wherever it was put; one that cannot is refused with the name of the argument. */
@HoldfastTest
@Tag("G12")
final class TextRoundTripTest {

  private static final int MAX_REASON_BYTES = 4096;
  private static final History EVERYTHING = History.all().limit(History.MAX_LIMIT);

  @AutoClose
  private final TestingStore store;

  TextRoundTripTest(TestDatabase database) {
    this.store = TestingStore.on(database);
  }

  @Test
  void theSampleIsLargeEnough() {
    assertThat(TestingText.fitting(StateId.MAX_BYTES)).hasSizeGreaterThan(100);
    assertThat(TestingText.notFitting(StateId.MAX_BYTES)).hasSizeGreaterThan(10);
  }

  @Test
  void asAValue() {
    State<String> state = store.state(String.class);
    Map<String, String> values = numbered(TestingText.storable());

    state.update(values);

    assertThat(mapped(values.keySet(), key -> state.get(key).orElse("absent"))).isEqualTo(values);
    assertThat(state.snapshot().asMap()).isEqualTo(values);
    assertThat(state.at(1).asMap()).isEqualTo(values);
    assertThat(valuesOf(state.history(EVERYTHING).changes())).isEqualTo(values);
    assertThat(payloads(state, "payload #>> '{}'")).containsExactlyElementsOf(values.values());
    assertThat(payloads(state, "payload::jsonb #>> '{}'"))
        .containsExactlyElementsOf(values.values());
  }

  @Test
  void insideOfAValue() {
    State<JsonNode> state = store.state();
    List<String> texts = TestingText.storable();
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    texts.forEach(text -> object.put(text, text));

    state.set("object", object);
    state.appendAll("array", texts);

    assertThat(state.get("object")).contains(object);
    assertThat(state.get("array")).contains(json(texts));
    assertThat(state.snapshot().asMap()).isEqualTo(Map.of("object", object, "array", json(texts)));
    assertThat(store.query(
            "SELECT e.value FROM holdfast.change AS c, json_each_text(c.payload) AS e WHERE c.state_id = ? AND c.key = 'object' AND e.key = e.value",
            state.id().uuid()))
        .containsExactlyElementsOf(texts);
  }

  @Test
  void asAKey() {
    State<String> state = store.state(String.class);
    Map<String, String> values =
        mapped(TestingText.fitting(StateId.MAX_BYTES), key -> "value of " + key);
    List<String> sorted = values.keySet().stream().sorted(TestingText.BYTEWISE).toList();

    state.update(values);

    assertThat(mapped(values.keySet(), key -> state.get(key).orElse("absent"))).isEqualTo(values);
    assertThat(values.keySet()).allMatch(state::has);
    assertThat(mapped(values.keySet(), key -> onlyValue(state, History.of(key))))
        .isEqualTo(values);
    assertThat(state.keys()).isEqualTo(sorted);
    assertThat(List.copyOf(state.snapshot().keys())).isEqualTo(sorted);
    assertThat(state.snapshot().asMap()).isEqualTo(values);
    assertThat(state.at(1).asMap()).isEqualTo(values);
    assertThat(state.history(EVERYTHING).changes())
        .extracting(Change::key)
        .containsExactlyElementsOf(reversed(sorted));
    assertThat(store.query(
            "SELECT key FROM holdfast.change WHERE state_id = ? AND payload #>> '{}' = 'value of ' || key ORDER BY key",
            state.id().uuid()))
        .containsExactlyElementsOf(sorted);
  }

  @Test
  void asAKeyThatIsChangedInEveryWay() {
    State<JsonNode> state = store.state();
    for (String key : List.of("'; --", "\uD83D\uDE00", "k".repeat(512), "\\", "{a,b}", "\u202E")) {
      state.set(key, json("first"));
      state.compute(key, value -> json(List.of(1)));
      state.append(key, 2);
      state.delete(key);
      state.increment(key, 7);
      state.rollback(state.version() - 2);

      assertThat(state.get(key)).contains(json(List.of(1, 2)));
      state.clear();
      assertThat(state.has(key)).isFalse();
    }
  }

  @Test
  void inADifferenceKeysAreInBytewiseOrder() {
    State<Integer> state = store.state(Integer.class);
    state.update(Map.of("\uFFFD", 1, "\uD83D\uDE00", 2, "a", 3, "Z", 4));

    assertThat(state.diff(0, 1).byKey().keySet())
        .containsExactly("Z", "a", "\uFFFD", "\uD83D\uDE00");
  }

  @Test
  void normalFormsAreDifferentKeys() {
    State<String> state = store.state(String.class);
    String composed = Normalizer.normalize("caf\u00E9", Normalizer.Form.NFC);
    String decomposed = Normalizer.normalize("caf\u00E9", Normalizer.Form.NFD);

    state.update(Map.of(composed, "composed", decomposed, "decomposed"));

    assertThat(state.size()).isEqualTo(2);
    assertThat(state.get(composed)).contains("composed");
    assertThat(state.get(decomposed)).contains("decomposed");
    state.delete(composed);
    assertThat(state.keys()).containsExactly(decomposed);
  }

  @Test
  void asAName() {
    List<String> names = TestingText.fitting(StateId.MAX_BYTES);
    String namespace = TestingStore.newName();

    names.forEach(name -> store.store().state(namespace, name, String.class).set("key", name));

    assertThat(names)
        .allMatch(name -> isOnlyIn(store.store().state(namespace, name, String.class), name));
    assertThat(List.copyOf(store.store().states(namespace, "", 10_000).keySet()))
        .isEqualTo(names.stream().sorted(TestingText.BYTEWISE).toList());
    assertThat(store.query(
            "SELECT name FROM holdfast.state WHERE namespace = ? AND state_id = holdfast.state_id(namespace, name) ORDER BY created_at",
            namespace))
        .containsExactlyElementsOf(names);
  }

  @Test
  void asANamespace() {
    List<String> namespaces = TestingText.fitting(StateId.MAX_BYTES);
    String name = TestingStore.newName();

    namespaces.forEach(
        namespace -> store.store().state(namespace, name, String.class).set("key", namespace));

    assertThat(namespaces)
        .allMatch(
            namespace -> isOnlyIn(store.store().state(namespace, name, String.class), namespace));
    assertThat(namespaces)
        .allMatch(namespace -> store.store().states(namespace, "", 10).getOrDefault(name, 0L) == 1);
    assertThat(store.query(
            "SELECT namespace FROM holdfast.state WHERE name = ? AND state_id = holdfast.state_id(namespace, name) ORDER BY created_at",
            name))
        .containsExactlyElementsOf(namespaces);
  }

  private static boolean isOnlyIn(State<String> state, String text) {
    return state.get("key").equals(Optional.of(text)) && state.version() == 1;
  }

  @Test
  void asAnActor() {
    State<String> state = store.state(String.class);
    List<String> actors = TestingText.fitting(StateId.MAX_BYTES);

    actors.forEach(actor -> state.by(actor).set("key", actor));

    assertThat(state.history(EVERYTHING).changes())
        .extracting(change -> change.actor().orElse("absent"))
        .containsExactlyElementsOf(reversed(actors));
    assertThat(actors)
        .allMatch(actor -> onlyValue(state, History.all().by(actor)).equals(actor));
    assertThat(store.query(
            "SELECT actor FROM holdfast.change WHERE state_id = ? ORDER BY version",
            state.id().uuid()))
        .containsExactlyElementsOf(actors);
  }

  @Test
  void asAReason() {
    State<Integer> state = store.state(Integer.class);
    List<String> reasons = TestingText.fitting(MAX_REASON_BYTES);

    reasons.forEach(reason -> state.because(reason).set("key", 1));

    assertThat(state.history(EVERYTHING).changes())
        .extracting(change -> change.reason().orElse("absent"))
        .containsExactlyElementsOf(reversed(reasons));
    assertThat(store.query(
            "SELECT reason FROM holdfast.change WHERE state_id = ? ORDER BY version",
            state.id().uuid()))
        .containsExactlyElementsOf(reasons);
  }

  @Test
  void orIsRefusedAsAValue() {
    State<String> state = store.state(String.class);
    State<JsonNode> tree = store.state();
    List<String> refused =
        TestingText.all().stream().filter(text -> !TestingText.isStorable(text)).toList();

    assertThat(refused).isNotEmpty().allSatisfy(text -> {
      assertThatThrownBy(() -> state.set("phase", text))
          .isInstanceOf(CodecException.class)
          .hasMessageContaining("\"phase\"");
      assertThatThrownBy(() -> tree.set("phase", json(Map.of("a", List.of(1, text)))))
          .isInstanceOfSatisfying(
              CodecException.class, e -> assertThat(e.path()).isEqualTo("/a/1"));
      assertThatThrownBy(() -> tree.append("phase", Map.of(text, 1)))
          .isInstanceOf(CodecException.class)
          .hasMessageContaining("\"phase\"");
    });
    assertThat(state.version()).isZero();
    assertThat(tree.version()).isZero();
  }

  @Test
  void orIsRefusedAsAKeyNameNamespaceActorOrReason() {
    State<String> state = store.state(String.class);
    for (String text : TestingText.notFitting(StateId.MAX_BYTES)) {
      assertRefused("key", text, () -> state.set(text, "value"));
      assertRefused("key", text, () -> state.get(text));
      assertRefused("name", text, () -> store.store().state("namespace", text));
      assertRefused("namespace", text, () -> store.store().state(text, "name"));
      assertRefused("actor", text, () -> state.by(text));
    }
    for (String text : TestingText.notFitting(MAX_REASON_BYTES)) {
      assertRefused("reason", text, () -> state.because(text));
    }
    assertThat(state.version()).isZero();
  }

  private static void assertRefused(String argument, String text, ThrowingCallable call) {
    assertThatThrownBy(call)
        .as("%s of %d characters", argument, text.length())
        .isInstanceOfSatisfying(
            HoldfastException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageStartingWith(argument + " ")
        .hasMessageNotContaining("\n");
  }

  private static String onlyValue(State<String> state, History query) {
    List<Change<String>> changes = state.history(query).changes();
    return changes.size() == 1
        ? changes.get(0).newValue().orElse("absent")
        : changes.size() + " changes";
  }

  private static Map<String, String> mapped(Collection<String> keys, UnaryOperator<String> value) {
    Map<String, String> map = new LinkedHashMap<>();
    keys.forEach(key -> map.put(key, value.apply(key)));
    return map;
  }

  private static Map<String, String> numbered(List<String> texts) {
    Map<String, String> values = new LinkedHashMap<>();
    texts.forEach(text -> values.put("key-%05d".formatted(values.size()), text));
    return values;
  }

  private static Map<String, String> valuesOf(List<Change<String>> changes) {
    Map<String, String> values = new LinkedHashMap<>();
    changes.forEach(change -> values.put(change.key(), change.newValue().orElse("absent")));
    return values;
  }

  private List<String> payloads(State<?> state, String column) {
    return store.query(
        "SELECT " + column + " FROM holdfast.change WHERE state_id = ? ORDER BY key",
        state.id().uuid());
  }

  private static List<String> reversed(List<String> texts) {
    List<String> reversed = new ArrayList<>(texts);
    Collections.reverse(reversed);
    return reversed;
  }
}
