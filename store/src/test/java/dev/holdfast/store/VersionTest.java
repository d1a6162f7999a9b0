package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Every change set makes the next version, and nothing else makes one. */
@HoldfastTest
@Tag("G2")
final class VersionTest {

  @AutoClose
  private final TestingStore store;

  private final State<JsonNode> state;

  VersionTest(TestDatabase database) {
    this.store = TestingStore.on(database);
    this.state = store.state();
  }

  @Test
  void startsAtZeroAndGrowsByOneWithEverySet() {
    assertThat(state.version()).isZero();

    assertThat(state.set("a", json(1))).isEqualTo(1);
    assertThat(state.version()).isEqualTo(1);

    assertThat(state.set("a", json(2))).isEqualTo(2);
    assertThat(state.version()).isEqualTo(2);
  }

  @Test
  void aBatchIsOneVersion() {
    assertThat(state.update(Map.of("a", json(1), "b", json(2), "c", json(3)))).isEqualTo(1);
    assertThat(state.version()).isEqualTo(1);
    assertThat(state.history().changes()).hasSize(3).allMatch(change -> change.version() == 1);
  }

  @Test
  void aDeleteIsOneVersion() {
    assertThat(state.set("a", json(1))).isEqualTo(1);

    assertThat(state.delete("a")).isTrue();

    assertThat(state.version()).isEqualTo(2);
  }

  @Test
  void aClearIsOneVersion() {
    state.update(Map.of("a", json(1), "b", json(2), "c", json(3)));

    assertThat(state.clear()).isEqualTo(2);
    assertThat(state.version()).isEqualTo(2);
  }

  @Test
  void settingAnEqualValueIsAVersion() {
    state.by("first").set("a", json(1));

    assertThat(state.by("second").set("a", json(1))).isEqualTo(2);

    assertThat(state.history().changes().get(0).actor()).contains("second");
  }

  @Test
  void anEmptyUpdateIsNoVersion() {
    assertThat(state.update(Map.of())).isZero();
    state.set("a", json(1));
    Content before = Content.of(state);

    assertThat(state.update(Map.of())).isEqualTo(1);
    assertThat(state.apply(Changes.none())).isEqualTo(1);
    assertThat(state.compareAndSet(1, Changes.none())).isEqualTo(1);
    assertThat(state.appendAll("list", List.of())).isEqualTo(1);
    assertThat(state.apply(Changes.append("list"))).isEqualTo(1);

    assertThat(Content.of(state)).isEqualTo(before);
  }

  @Test
  void aCallThatFindsNothingToDoIsNoVersion() {
    state.set("a", json(1));
    Content before = Content.of(state);

    assertThat(state.delete("b")).isFalse();
    assertThat(state.apply(Changes.delete("b"))).isEqualTo(1);
    assertThat(state.compute("b", value -> null)).isEmpty();
    assertThat(state.putIfAbsent("a", json(2))).isFalse();
    assertThat(state.rollback(1)).isEqualTo(1);

    assertThat(Content.of(state)).isEqualTo(before);
  }

  @Test
  void aClearOfAnEmptyStateIsNoVersion() {
    assertThat(state.clear()).isZero();
    state.set("a", json(1));
    state.clear();

    assertThat(state.clear()).isEqualTo(2);

    assertThat(state.version()).isEqualTo(2);
    assertThat(state.history().changes()).hasSize(2);
  }

  /** A transaction makes the row of a state to lock it, and so does a change that is refused. */
  @Test
  void aStateWithoutAVersionIsNotListed() {
    StateStore all = store.store();
    String namespace = TestingStore.newName();
    assertThatThrownBy(
            () -> all.state(namespace, "refused").compareAndSet(5, Changes.set("a", json(1))))
        .isInstanceOf(ConflictException.class);
    all.transaction(
        Isolation.READ_COMMITTED, tx -> tx.state(namespace, "locked").delete("absent"));
    assertThat(all.states(namespace, "", 10)).isEmpty();

    all.state(namespace, "emptied").set("a", json(1));
    all.state(namespace, "emptied").clear();
    all.state(namespace, "written").set("a", json(1));
    all.state(namespace, "written").fork("forked", 1);
    all.transaction(
        Isolation.READ_COMMITTED, tx -> tx.state(namespace, "locked").set("a", json(1)));

    assertThat(all.states(namespace, "", 10))
        .containsExactly(
            entry("emptied", 2L), entry("forked", 1L), entry("locked", 1L), entry("written", 1L));
    assertThat(all.states(namespace, "forked", 1)).containsExactly(entry("locked", 1L));
  }
}
