package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The original took initial content at construction; here it is the first change set, written if the state is still at version 0. */
@HoldfastTest
final class InitialContentTest {

  @AutoClose
  private final TestingStore store;

  private final State<JsonNode> state;

  InitialContentTest(TestDatabase database) {
    this.store = TestingStore.on(database);
    this.state = store.state();
  }

  @Test
  void isReadableByKey() {
    state.compareAndSet(0, Changes.setAll(Map.of("a", json(1), "b", json(2))));

    assertThat(state.get("a")).contains(json(1));
    assertThat(state.get("b")).contains(json(2));
    assertThat(state.version()).isEqualTo(1);
  }

  @Test
  void isWrittenOnce() {
    state.compareAndSet(0, Changes.set("a", json(1)));

    assertThatThrownBy(() -> state.compareAndSet(0, Changes.set("a", json(2))))
        .isInstanceOf(ConflictException.class);

    assertThat(state.get("a")).contains(json(1));
  }

  @Test
  void isNothingByDefault() {
    assertThat(state.size()).isZero();
    assertThat(state.version()).isZero();
    assertThat(state.history().changes()).isEmpty();
    assertThat(store.query(
            "SELECT name FROM holdfast.state WHERE state_id = ?", state.id().uuid()))
        .isEmpty();
  }

  @Test
  void isNotChangedByMutatingTheCallersMap() {
    ObjectNode nested = (ObjectNode) json(Map.of("inner", 1));
    Map<String, JsonNode> initial = new LinkedHashMap<>(Map.of("a", nested));
    Changes<JsonNode> changes = Changes.setAll(initial);
    initial.put("b", json(2));
    state.compareAndSet(0, changes);

    initial.clear();
    nested.put("inner", 99);

    assertThat(state.keys()).containsExactly("a");
    assertThat(state.get("a")).contains(json(Map.of("inner", 1)));
  }
}
