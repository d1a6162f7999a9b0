package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@HoldfastTest
@Tag("G5")
final class SnapshotTest {

  private final TestDatabase database;

  @AutoClose
  private final TestingStore store;

  private final State<JsonNode> state;

  SnapshotTest(TestDatabase database) {
    this.database = database;
    this.store = TestingStore.on(database);
    this.state = store.state();
  }

  @Test
  void keepsTheOldValueAfterALaterSet() {
    state.set("a", json(1));
    Snapshot<JsonNode> before = state.snapshot();

    state.set("a", json(2));

    assertThat(before.get("a")).contains(json(1));
    assertThat(before.version()).isEqualTo(1);
  }

  @Test
  void ofAnUnchangedStateIsTakenFromMemoryOnce() {
    state.set("a", json(1));

    Snapshot<JsonNode> first = state.snapshot();
    Snapshot<JsonNode> second = state.snapshot();

    assertThat(second).isEqualTo(first).hasSameHashCodeAs(first);
    assertThat(state.metrics().cacheHits()).isEqualTo(1);
    assertThat(state.metrics().cacheMisses()).isEqualTo(1);
  }

  @Test
  void differsAfterASet() {
    state.set("a", json(1));
    Snapshot<JsonNode> first = state.snapshot();

    state.set("a", json(2));
    Snapshot<JsonNode> second = state.snapshot();

    assertThat(second).isNotSameAs(first).isNotEqualTo(first);
    assertThat(first.asMap()).isEqualTo(Map.of("a", json(1)));
    assertThat(second.asMap()).isEqualTo(Map.of("a", json(2)));
  }

  @Test
  void withoutACacheIsEqualAndNeverAHit() {
    try (TestingStore uncached =
        TestingStore.on(database, StateStore.Builder::withoutSnapshotCache)) {
      State<JsonNode> plain = uncached.state();
      plain.update(Map.of("a", json(1), "b", json(null)));

      assertThat(plain.snapshot()).isEqualTo(plain.snapshot());

      assertThat(plain.metrics().cacheHits()).isZero();
      assertThat(plain.metrics().cacheMisses()).isEqualTo(2);
    }
  }

  @Test
  void withoutACacheIsANewObjectEachTime() {
    try (TestingStore uncached =
        TestingStore.on(database, StateStore.Builder::withoutSnapshotCache)) {
      State<JsonNode> plain = uncached.state();
      plain.set("a", json(1));

      assertThat(plain.snapshot()).isNotSameAs(plain.snapshot());

      assertThat(plain.metrics().cacheHits()).isZero();
    }
  }

  @Test
  void ofAnotherObjectOfTheSameStateSeesItsWrites() {
    State<JsonNode> other =
        store.store().state(state.id().namespace(), state.id().name());
    state.set("a", json(1));
    state.snapshot();

    other.set("a", json(2));

    assertThat(state.snapshot().get("a")).contains(json(2));
    assertThat(state.snapshot()).isEqualTo(other.snapshot());
  }

  @Test
  void atEveryVersionIsWhatTheStateWasThen() {
    state.set("a", json(1));
    state.update(Map.of("b", json(2), "c", json(3)));
    state.delete("b");

    assertThat(state.at(0).asMap()).isEmpty();
    assertThat(state.at(1).asMap()).isEqualTo(Map.of("a", json(1)));
    assertThat(state.at(2).asMap()).isEqualTo(Map.of("a", json(1), "b", json(2), "c", json(3)));
    assertThat(state.at(3)).isEqualTo(state.snapshot());
    for (long version = 1; version <= 3; version++) {
      Snapshot<JsonNode> snapshot = state.at(version);
      assertThat(state.asOf(snapshot.changedAt().orElseThrow())).isEqualTo(snapshot);
    }
  }

  @Test
  void ofAStateNeverWrittenIsEmptyAtVersionZero() {
    assertThat(state.snapshot().version()).isZero();
    assertThat(state.snapshot().keys()).isEmpty();
    assertThat(state.snapshot().changedAt()).isEmpty();
    assertThat(state.at(0)).isEqualTo(state.snapshot());
  }
}
