package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@HoldfastTest
@Tag("G2")
final class ConcurrentUseTest {

  @AutoClose
  private final TestingStore store;

  private final State<JsonNode> state;

  ConcurrentUseTest(TestDatabase database) {
    this.store = TestingStore.on(database);
    this.state = store.state();
  }

  @Test
  void noIncrementIsLost() throws Exception {
    Concurrently.run(Concurrently.repeat(10, 100, () -> state.increment("counter", 1)));

    assertThat(state.get("counter")).contains(json(1000));
    assertThat(state.history(History.all().limit(1000)).changes())
        .extracting(Change::version)
        .isEqualTo(LongStream.iterate(1000, version -> version > 0, version -> version - 1)
            .boxed()
            .toList());
  }

  @Test
  void noComputedUpdateIsLost() throws Exception {
    State<Integer> counters = store.state(Integer.class);

    Concurrently.run(Concurrently.repeat(
        10, 20, () -> counters.compute("counter", n -> n == null ? 1 : n + 1)));

    assertThat(counters.get("counter")).contains(200);
    assertThat(counters.version()).isEqualTo(200);
  }

  @Test
  void everySnapshotHoldsEveryKeyWhileSomeAreRewritten() throws Exception {
    state.update(numbered(100, 0));
    List<Callable<?>> work = new ArrayList<>();
    work.add(() -> {
      for (int round = 1; round <= 60; round++) {
        state.set("key-" + (10 + round % 10), json(round));
      }
      return null;
    });
    work.addAll(
        Concurrently.repeat(2, 60, () -> assertThat(state.snapshot().size()).isEqualTo(100)));

    Concurrently.run(work);

    assertThat(state.version()).isEqualTo(61);
  }

  @Test
  void readersAndWritersAllFinish() throws Exception {
    state.set("shared", json(-1));
    List<Callable<?>> work = new ArrayList<>();
    work.addAll(
        Concurrently.repeat(5, 100, () -> assertThat(state.get("shared")).isPresent()));
    work.addAll(Concurrently.repeat(2, 50, () -> state.set("shared", json("written"))));

    Concurrently.run(work);

    assertThat(state.get("shared")).contains(json("written"));
    assertThat(state.version()).isEqualTo(101);
  }

  @Test
  void aReaderNeverSeesPartOfABatch() throws Exception {
    state.update(numbered(10, 0));
    List<Callable<?>> work = new ArrayList<>();
    work.add(() -> {
      for (int round = 1; round <= 40; round++) {
        state.update(numbered(10, round));
        state.apply(
            round % 2 == 1
                ? Changes.<JsonNode>set("odd", json(round)).andDelete("even")
                : Changes.<JsonNode>set("even", json(round)).andDelete("odd"));
      }
      return null;
    });
    work.addAll(Concurrently.repeat(2, 60, () -> assertWhole(state.snapshot())));

    Concurrently.run(work);

    for (long version = 1; version <= state.version(); version += 7) {
      assertWhole(state.at(version));
    }
  }

  private static void assertWhole(Snapshot<JsonNode> snapshot) {
    Map<String, JsonNode> map = snapshot.asMap();
    boolean odd = map.remove("odd") != null;
    boolean even = map.remove("even") != null;
    assertThat(map).as("version %d", snapshot.version()).hasSize(10);
    assertThat(new HashSet<>(map.values())).as("version %d", snapshot.version()).hasSize(1);
    assertThat(odd && even).as("version %d", snapshot.version()).isFalse();
    assertThat(odd || even).as("version %d", snapshot.version()).isEqualTo(snapshot.version() > 2);
  }

  @Test
  void nestedCallsOfOneThreadDoNotBlockEachOther() {
    state.set("a", json(1));

    state.compute("a", a -> {
      state.set("seen", json(state.get("a").orElseThrow()));
      state.compute("b", b -> {
        state.increment("c", 1);
        return state.snapshot().getRequired("seen");
      });
      return json("outer");
    });

    assertThat(state.snapshot().asMap())
        .isEqualTo(Map.of("a", json("outer"), "b", json(1), "c", json(1), "seen", json(1)));
  }

  @Test
  void aCallbackThatChangesItsOwnKeyRunsAgain() {
    state.set("a", json(1));

    state.compute("a", a -> {
      if (state.version() == 1) {
        state.compute("a", inner -> json("inner"));
      }
      return json(List.of("outer after", a == null ? "nothing" : a));
    });

    assertThat(state.get("a")).contains(json(List.of("outer after", "inner")));
  }

  @Test
  void nestedCallsInOppositeOrderDoNotBlockEachOther() throws Exception {
    state.update(Map.of("a", json(0), "b", json(0)));
    List<Callable<?>> work = new ArrayList<>();
    work.addAll(Concurrently.repeat(2, 5, () -> countAround("a", "b")));
    work.addAll(Concurrently.repeat(2, 5, () -> countAround("b", "a")));

    Concurrently.run(work);

    assertThat(state.get("a")).contains(json(10));
    assertThat(state.get("b")).contains(json(10));
  }

  /** Takes a turn on one key and, while it has it, on the other. */
  private void countAround(String outer, String inner) {
    state.compute(outer, value -> {
      state.putIfAbsent(inner, json("never"));
      return json(value == null ? 1 : value.intValue() + 1);
    });
  }

  private static Map<String, JsonNode> numbered(int keys, int value) {
    Map<String, JsonNode> map = new LinkedHashMap<>();
    for (int i = 0; i < keys; i++) {
      map.put("key-" + (10 + i), json(value));
    }
    return map;
  }
}
