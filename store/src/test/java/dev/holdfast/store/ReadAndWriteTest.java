package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@HoldfastTest
final class ReadAndWriteTest {

  @AutoClose
  private final TestingStore store;

  private final State<JsonNode> state;

  ReadAndWriteTest(TestDatabase database) {
    this.store = TestingStore.on(database);
    this.state = store.state();
  }

  @Test
  void getReturnsWhatWasSet() {
    state.set("counter", json(42));

    assertThat(state.get("counter")).contains(json(42));
  }

  @Test
  void anAbsentKeyLeavesTheDefaultToTheCaller() {
    assertThat(state.get("missing").orElse(json(0))).isEqualTo(json(0));
    assertThat(state.find("missing")).isEmpty();
  }

  @Test
  void aStoredNullIsAValueAndNotAbsent() {
    State<Integer> numbers = store.state(Integer.class);

    numbers.set("value", null);

    assertThat(numbers.get("value").orElse(42)).isEqualTo(42);
    assertThat(numbers.getRequired("value")).isNull();
    assertThat(numbers.find("value")).contains(new Versioned<>(null, 1));
    assertThat(numbers.has("value")).isTrue();
    assertThat(numbers.keys()).containsExactly("value");
    assertThat(numbers.snapshot().has("value")).isTrue();
    assertThat(numbers.snapshot().getRequired("value")).isNull();
    assertThat(numbers.snapshot().get("value")).isEmpty();
  }

  @Test
  void aNullNodeIsTheSameAsNull() {
    state.set("value", json(null));

    assertThat(state.get("value")).isEmpty();
    assertThat(state.getRequired("value")).isNull();
    assertThat(state.has("value")).isTrue();
  }

  @Test
  void deleteRemovesTheKey() {
    state.set("key", json("value"));

    assertThat(state.delete("key")).isTrue();

    assertThat(state.get("key")).isEmpty();
    assertThat(state.has("key")).isFalse();
    assertThat(state.size()).isZero();
  }

  @Test
  void deleteOfAnAbsentKeyChangesNothing() {
    state.set("other", json(1));
    Content before = Content.of(state);

    assertThat(state.delete("missing")).isFalse();

    assertThat(Content.of(state)).isEqualTo(before);
    assertThat(store.state().delete("missing")).isFalse();
  }

  @Test
  void updateWritesEveryKey() {
    state.update(Map.of("a", json(1), "b", json("two"), "c", json(true)));

    assertThat(state.get("a")).contains(json(1));
    assertThat(state.get("b")).contains(json("two"));
    assertThat(state.get("c")).contains(json(true));
  }

  @Test
  void hasTellsPresentFromAbsent() {
    state.set("present", json(1));

    assertThat(state.has("present")).isTrue();
    assertThat(state.has("absent")).isFalse();
  }

  @Test
  void aSnapshotTellsPresentFromAbsent() {
    state.set("present", json(1));

    assertThat(state.snapshot().has("present")).isTrue();
    assertThat(state.snapshot().has("absent")).isFalse();
  }

  @Test
  void sizeCountsTheKeys() {
    assertThat(state.size()).isZero();

    state.update(Map.of("a", json(1), "b", json(2), "c", json(3)));

    assertThat(state.size()).isEqualTo(3);
    assertThat(state.snapshot().size()).isEqualTo(3);
  }

  @Test
  void keysAreExactlyThoseThatAreThereInBytewiseOrder() {
    state.update(Map.of("b", json(1), "Z", json(2), "\uFFFD", json(3), "\uD83D\uDE00", json(4)));
    state.set("gone", json(5));
    state.delete("gone");

    assertThat(state.keys()).containsExactly("Z", "b", "\uFFFD", "\uD83D\uDE00");
    assertThat(state.snapshot().keys()).containsExactly("Z", "b", "\uFFFD", "\uD83D\uDE00");
  }

  @Test
  void clearLeavesNoKey() {
    state.update(Map.of("a", json(1), "b", json(2), "c", json(3)));

    state.clear();

    assertThat(state.size()).isZero();
    assertThat(state.keys()).isEmpty();
    assertThat(state.snapshot().asMap()).isEmpty();
  }

  @Test
  void theTextFormsNameWhatTheyAre() {
    State<JsonNode> trip = store.store().state("trips", "text-form").by("planner");

    trip.update(Map.of("a", json(1), "b", json(2)));

    assertThat(trip).hasToString("State[trips/text-form, actor=planner]");
    assertThat(trip.snapshot()).hasToString("Snapshot[trips/text-form, version=1, keys=2]");
  }

  @Test
  void getRequiredReturnsWhatWasSet() {
    state.set("key", json("value"));

    assertThat(state.getRequired("key")).isEqualTo(json("value"));
    assertThat(state.snapshot().getRequired("key")).isEqualTo(json("value"));
  }

  @Test
  void getRequiredOfAnAbsentKeyNamesItAndTheKeysThatAreThere() {
    state.update(Map.of("a", json(1), "b", json(2)));

    assertThatThrownBy(() -> state.getRequired("missing"))
        .isInstanceOfSatisfying(StateKeyException.class, e -> {
          assertThat(e.key()).isEqualTo("missing");
          assertThat(e.availableKeys()).containsExactly("a", "b");
          assertThat(e).hasMessageContainingAll("missing", "[a, b]", state.id().toString());
        });
    assertThatThrownBy(() -> state.snapshot().getRequired("missing"))
        .isInstanceOfSatisfying(StateKeyException.class, e -> {
          assertThat(e.key()).isEqualTo("missing");
          assertThat(e.availableKeys()).containsExactly("a", "b");
        });
  }

  @Test
  void anAbsentKeyNamesAtMostTenKeysAndAnEllipsis() {
    Map<String, JsonNode> many = new LinkedHashMap<>();
    for (int i = 10; i < 35; i++) {
      many.put("key-" + i, json(i));
    }
    state.update(many);

    assertThatThrownBy(() -> state.getRequired("missing"))
        .isInstanceOfSatisfying(StateKeyException.class, e -> {
          assertThat(e.availableKeys()).hasSize(10).startsWith("key-10").endsWith("key-19");
          assertThat(e).hasMessageContaining("key-19, …").hasMessageNotContaining("key-20");
        });
    assertThatThrownBy(() -> state.snapshot().getRequired("missing"))
        .hasMessageContaining("key-19, …")
        .hasMessageNotContaining("key-20");
  }

  /** Somebody empties or restores the tables, and the store still believes that the state is there. */
  @Test
  void aConditionalWriteIsNotLostWhenTheRowOfItsStateIsGone() {
    State<JsonNode> appended = emptied();
    assertThat(appended.append("list", 1)).isEqualTo(1);
    assertThat(appended.get("list")).contains(json(List.of(1)));

    State<JsonNode> incremented = emptied();
    assertThat(incremented.increment("n", 5)).isEqualTo(5);
    assertThat(incremented.get("n")).contains(json(5));

    State<JsonNode> claimed = emptied();
    assertThat(claimed.putIfAbsent("key", json("mine"))).isTrue();
    assertThat(claimed.get("key")).contains(json("mine"));

    State<JsonNode> compared = emptied();
    assertThat(compared.compareAndSet(0, Changes.set("key", json(1)))).isEqualTo(1);
    assertThat(compared.get("key")).contains(json(1));
  }

  @Test
  void removingFromAStateWhoseRowIsGoneDoesNotMakeItAgain() {
    State<JsonNode> emptied = emptied();

    assertThat(emptied.delete("key")).isFalse();

    assertThat(store.query(
            "SELECT state_id::text FROM holdfast.state WHERE state_id = ?",
            emptied.id().uuid()))
        .isEmpty();
  }

  /** A state that was written and is in no table any more. */
  private State<JsonNode> emptied() {
    State<JsonNode> known = store.state();
    known.set("key", json("known"));
    for (String table : List.of("change", "state")) {
      store.execute("DELETE FROM holdfast.%s WHERE state_id = '%s'"
          .formatted(table, known.id().uuid()));
    }
    return known;
  }
}
