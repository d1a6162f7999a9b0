package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@HoldfastTest
final class MetricsTest {

  @AutoClose
  private final TestingStore store;

  private final State<JsonNode> state;

  MetricsTest(TestDatabase database) {
    this.store = TestingStore.on(database);
    this.state = store.state();
  }

  @Test
  void countGetsSetsAndSnapshots() {
    state.set("a", json(1));
    state.set("b", json(2));
    state.get("a");
    state.get("missing");
    state.snapshot();

    assertThat(state.metrics().sets()).isEqualTo(2);
    assertThat(state.metrics().gets()).isEqualTo(2);
    assertThat(state.metrics().snapshots()).isEqualTo(1);
  }

  @Test
  void countOneMissAndOneHitForTwoSnapshots() {
    state.set("a", json(1));
    state.snapshot();
    state.snapshot();

    assertThat(state.metrics().cacheMisses()).isEqualTo(1);
    assertThat(state.metrics().cacheHits()).isEqualTo(1);
  }

  @Test
  void countEveryKeyOfABatch() {
    state.update(Map.of("a", json(1), "b", json(2), "c", json(3)));

    assertThat(state.metrics().sets()).isEqualTo(3);
  }

  @Test
  void areACopyAndAddUpInTheStore() {
    State<JsonNode> other = store.state();
    StateMetrics before = state.metrics();
    state.by("agent").set("a", json(1));
    other.set("a", json(1));

    assertThat(before.sets()).isZero();
    assertThat(state.metrics().sets()).isEqualTo(1);
    assertThat(store.store().metrics().sets()).isEqualTo(2);
  }
}
