package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.store.history.Change;
import dev.holdfast.store.json.JacksonCodec;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.json.MergePatch;
import dev.holdfast.store.record.AgentCoordinationState;
import dev.holdfast.store.record.RecordState;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Whatever is done to an object that was handed in or out, the store and everybody else see nothing of it. */
@HoldfastTest
final class IsolationOfValuesTest {

  private static final String TRIP = """
      {"legs":[{"to":"SEA"}],"tags":["a"]}""";

  /** A record with a mutable component, which Jackson fills with a plain list. */
  record Basket(String owner, List<String> items) {}

  @AutoClose
  private final TestingStore store;

  private final State<JsonNode> state;

  IsolationOfValuesTest(TestDatabase database) {
    this.store = TestingStore.on(database);
    this.state = store.state();
  }

  private static ObjectNode trip() {
    return (ObjectNode) Json.parse(TRIP);
  }

  private static void ruin(@Nullable JsonNode node) {
    ObjectNode trip = (ObjectNode) Objects.requireNonNull(node);
    ((ObjectNode) trip.get("legs").get(0)).put("to", "nowhere");
    ((ArrayNode) trip.get("tags")).removeAll();
    trip.put("extra", true);
  }

  private void assertUntouched() {
    assertThat(state.get("trip")).contains(trip());
    assertThat(state.snapshot().get("trip")).contains(trip());
    assertThat(state.at(state.version()).get("trip")).contains(trip());
    assertThat(state.history().changes().get(0).newValue()).contains(trip());
  }

  @Test
  void ofWhatGetReturns() {
    state.set("trip", trip());

    ruin(state.get("trip").orElseThrow());
    ruin(state.getRequired("trip"));
    ruin(state.find("trip").orElseThrow().value());

    assertUntouched();
  }

  @Test
  void ofWhatWasPassedToSet() {
    ObjectNode given = trip();

    state.set("trip", given);
    ruin(given);

    assertUntouched();
  }

  @Test
  void ofWhatWasPassedToUpdate() {
    ObjectNode first = trip();
    ObjectNode second = trip();
    Map<String, JsonNode> given = new LinkedHashMap<>(Map.of("other", second, "trip", first));

    state.update(given);
    ruin(first);
    ruin(second);
    given.clear();

    assertUntouched();
    assertThat(state.get("other")).contains(trip());
  }

  @Test
  void ofWhatWasPassedToPutIfAbsentAndMerge() {
    ObjectNode first = trip();
    ObjectNode second = trip();

    state.putIfAbsent("other", first);
    ruin(first);
    state.merge("trip", second, (stored, given) -> given);
    ruin(second);

    assertUntouched();
    assertThat(state.get("other")).contains(trip());
  }

  @Test
  void ofWhatACallbackGetsAndReturns() {
    state.set("trip", trip());
    state.snapshot();

    assertThatThrownBy(() -> state.compute("trip", value -> {
          ruin(value);
          throw new IllegalStateException("on purpose");
        }))
        .hasMessage("on purpose");
    assertUntouched();

    ruin(state.compute("trip", value -> value).orElseThrow());
    assertUntouched();

    ruin(state.merge("trip", trip(), (stored, given) -> given).orElseThrow());
    assertUntouched();
  }

  @Test
  void ofWhatWasAppended() {
    ObjectNode element = trip();
    List<Object> elements = new ArrayList<>(List.of(element, new ArrayList<>(List.of(1))));

    state.appendAll("list", elements);
    ruin(element);
    elements.clear();

    assertThat(state.get("list")).contains(json(List.of(trip(), List.of(1))));
  }

  @Test
  void ofTheCollectionsThatChangesAreMadeOf() {
    Map<String, JsonNode> map = new LinkedHashMap<>(Map.of("trip", trip()));
    Object[] elements = {1, 2};
    Changes<JsonNode> changes = Changes.<JsonNode>setAll(map).andAppend("list", elements);

    map.put("late", json(1));
    elements[0] = 99;
    state.apply(changes);

    assertThat(state.keys()).containsExactly("list", "trip");
    assertThat(state.get("list")).contains(json(List.of(1, 2)));
    assertThat(state.get("trip")).contains(trip());
  }

  @Test
  void ofTheTreesThatPatchesAreMadeOf() {
    state.set("trip", json(Map.of("tags", List.of("a"))));
    ArrayNode operations = (ArrayNode) Json.parse("""
            [{"op":"add","path":"/legs","value":[{"to":"SEA"}]}]""");
    ObjectNode merge = trip();
    JsonPatch patch = JsonPatch.of(operations);
    MergePatch mergePatch = MergePatch.of(merge);

    ((ObjectNode) operations.get(0)).put("path", "/elsewhere");
    operations.removeAll();
    ruin(merge);
    ruin(mergePatch.toJson());
    state.patch("trip", patch);

    assertThat(state.get("trip")).contains(trip());
    state.patch("trip", mergePatch);
    assertThat(state.get("trip")).contains(trip());
  }

  @Test
  void ofAValueReadAndASnapshotTakenBefore() {
    state.set("trip", trip());
    Snapshot<JsonNode> snapshot = state.snapshot();

    ruin(state.get("trip").orElseThrow());

    assertThat(snapshot.get("trip")).contains(trip());
    assertThat(snapshot.asMap()).isEqualTo(Map.of("trip", trip()));
  }

  @Test
  void ofTheFirstSnapshotAndTheSecond() {
    state.set("trip", trip());
    Snapshot<JsonNode> first = state.snapshot();

    ruin(first.get("trip").orElseThrow());
    ruin(first.getRequired("trip"));
    ruin(first.find("trip").orElseThrow().value());
    first.asMap().clear();
    first.asMap().values().forEach(IsolationOfValuesTest::ruin);
    ruin(first.toJson().get("trip"));
    first.toJson().removeAll();

    assertThat(first.asMap()).isEqualTo(Map.of("trip", trip()));
    assertThat(state.snapshot()).isEqualTo(first);
    assertUntouched();
  }

  @Test
  void ofTheKeysOfASnapshot() {
    state.set("trip", trip());
    Snapshot<JsonNode> snapshot = state.snapshot();

    assertThatThrownBy(() -> snapshot.keys().clear())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> snapshot.keys().iterator().remove()).isInstanceOf(Exception.class);

    assertThat(snapshot.keys()).containsExactly("trip");
    assertThat(state.snapshot().keys()).containsExactly("trip");
  }

  @Test
  void ofTheKeysOfAState() {
    state.set("trip", trip());

    try {
      state.keys().clear();
    } catch (UnsupportedOperationException e) {
      // A copy that cannot be changed is as good as one that can.
      assertThat(e).isNotNull();
    }

    assertThat(state.keys()).containsExactly("trip");
  }

  @Test
  void ofAHistoryValueAndARollback() {
    state.set("trip", trip());
    state.set("trip", json("replaced"));
    List<Change<JsonNode>> changes = state.history().changes();

    ruin(changes.get(0).oldValue().orElseThrow());
    ruin(changes.get(1).newValue().orElseThrow());
    assertThat(state.history().changes().get(0).oldValue()).contains(trip());
    assertThat(state.history().changes().get(1).newValue()).contains(trip());
    assertThatThrownBy(() -> changes.remove(0)).isInstanceOf(UnsupportedOperationException.class);
    state.rollback(1);

    assertUntouched();
  }

  @Test
  void ofTheValuesOfOneHistoryPage() {
    state.set("trip", trip());
    state.set("trip", json("replaced"));
    List<Change<JsonNode>> changes = state.history().changes();

    ruin(changes.get(0).oldValue().orElseThrow());

    assertThat(changes.get(1).newValue()).contains(trip());
  }

  @Test
  void ofADifference() {
    state.set("trip", json(null));
    state.set("trip", trip());
    StateDiff diff = state.diff(1, 2);

    assertThatThrownBy(() -> diff.byKey().clear())
        .isInstanceOf(UnsupportedOperationException.class);
    diff.byKey()
        .values()
        .forEach(patch -> patch.operations().forEach(operation -> ruin(operation.value())));

    assertThat(diff).isEqualTo(state.diff(1, 2));
    assertUntouched();
  }

  @Test
  void ofTypedMapsAndLists() {
    State<Map<String, List<Integer>>> maps =
        store.state(JacksonCodec.of(new TypeReference<Map<String, List<Integer>>>() {}));
    Map<String, List<Integer>> given =
        new LinkedHashMap<>(Map.of("seats", new ArrayList<>(List.of(1, 2))));

    maps.set("trip", given);
    given.getOrDefault("seats", List.of()).add(3);
    given.put("late", new ArrayList<>());
    Snapshot<Map<String, List<Integer>>> snapshot = maps.snapshot();
    for (Map<String, List<Integer>> read :
        List.of(maps.get("trip").orElseThrow(), snapshot.get("trip").orElseThrow())) {
      read.getOrDefault("seats", List.of()).add(4);
      read.put("late", new ArrayList<>());
    }

    assertThat(maps.get("trip")).contains(Map.of("seats", List.of(1, 2)));
    assertThat(snapshot.get("trip")).contains(Map.of("seats", List.of(1, 2)));
    assertThat(maps.snapshot()).isEqualTo(snapshot);
  }

  @Test
  void ofTheContentsOfRecordsAsValues() {
    State<Basket> baskets = store.state(Basket.class);
    Basket given = new Basket("ann", new ArrayList<>(List.of("apple")));

    baskets.set("basket", given);
    given.items().add("pear");
    baskets.get("basket").orElseThrow().items().add("plum");
    baskets.compute("other", nothing -> given).orElseThrow().items().add("fig");

    assertThat(baskets.get("basket")).contains(new Basket("ann", List.of("apple")));
    assertThat(baskets.get("other")).contains(new Basket("ann", List.of("apple", "pear")));
  }

  @Test
  void ofTheContentsOfRecordViews() {
    RecordState<AgentCoordinationState> view = RecordState.of(AgentCoordinationState.class, state);
    List<String> completed = new ArrayList<>(List.of("agent-1"));
    ObjectNode context = trip();
    AgentCoordinationState given =
        new AgentCoordinationState("s", 1, completed, Map.of("trip", context), List.of(), null);

    view.set(given);
    completed.add("agent-2");
    ruin(context);
    ruin(view.get().orElseThrow().sharedContext().get("trip"));

    assertThat(view.get())
        .contains(new AgentCoordinationState(
            "s", 1, List.of("agent-1"), Map.of("trip", trip()), List.of(), null));
  }

  @Test
  void ofTheKeysThatAnExceptionNames() {
    state.set("trip", trip());

    assertThatThrownBy(() -> state.getRequired("missing"))
        .isInstanceOfSatisfying(
            StateKeyException.class,
            e -> assertThatThrownBy(() -> e.availableKeys().clear())
                .isInstanceOf(UnsupportedOperationException.class));
  }
}
