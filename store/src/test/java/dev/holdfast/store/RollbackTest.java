package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A rollback appends a version with the content of an earlier one; versions are never used again and history is never rewritten. */
@HoldfastTest
@Tag("G2")
@Tag("G6")
final class RollbackTest {

  @AutoClose
  private final TestingStore store;

  private final State<JsonNode> state;

  RollbackTest(TestDatabase database) {
    this.store = TestingStore.on(database);
    this.state = store.state();
  }

  @Test
  void bringsAValueBackAsANewVersion() {
    state.set("counter", json(1));
    state.set("counter", json(2));
    state.set("counter", json(3));

    assertThat(state.rollback(1)).isEqualTo(4);

    assertThat(state.get("counter")).contains(json(1));
    assertThat(state.version()).isEqualTo(4);
  }

  @Test
  void bringsSeveralKeysBack() {
    state.set("a", json(1));
    long remembered = state.set("b", json(2));
    state.set("a", json(10));
    state.set("b", json(20));

    state.rollback(remembered);

    assertThat(state.get("a")).contains(json(1));
    assertThat(state.get("b")).contains(json(2));
    assertSameContent(remembered);
  }

  @Test
  void bringsADeletedKeyBack() {
    long remembered = state.set("key", json("value"));
    state.delete("key");

    state.rollback(remembered);

    assertThat(state.get("key")).contains(json("value"));
  }

  /** The keys to bring back are found among the changes, or by looking at all keys where there are too many. */
  @Test
  void isTheSameHoweverMuchHasChanged() {
    Map<String, JsonNode> many = new HashMap<>();
    for (int i = 0; i < 600; i++) {
      many.put("key-" + i, json(i));
    }
    long remembered = state.update(many);
    for (int round = 1; round <= 4; round++) {
      many.replaceAll((key, value) -> json(value.intValue() + 1));
      state.update(many);
      state.set("added-" + round, json(round));
      state.delete("key-" + round);

      long version = state.rollback(remembered);

      assertThat(state.snapshot().asMap())
          .isEqualTo(state.at(remembered).asMap())
          .hasSize(600);
      assertThat(state
              .history(History.all().versions(version, version).limit(1_000))
              .changes())
          .as("every key that was written since, those that were added and removed as well")
          .hasSize(600 + round);
    }
  }

  @Test
  void removesAKeyThatWasAddedSince() {
    long remembered = state.set("a", json(1));
    state.set("b", json(2));

    state.rollback(remembered);

    assertThat(state.has("b")).isFalse();
    assertThat(state.get("a")).contains(json(1));
    assertThat(state.keys()).containsExactly("a");
  }

  @Test
  void refusesAVersionOfTheFuture() {
    state.set("a", json(1));
    Content before = Content.of(state);

    assertThatThrownBy(() -> state.rollback(2)).isInstanceOf(StateVersionException.class);

    assertThat(Content.of(state)).isEqualTo(before);
  }

  @Test
  void refusesANegativeVersion() {
    state.set("a", json(1));
    Content before = Content.of(state);

    assertThatThrownBy(() -> state.rollback(-1))
        .isInstanceOfSatisfying(
            StateVersionException.class, e -> assertThat(e.target()).isEqualTo(-1));

    assertThat(Content.of(state)).isEqualTo(before);
  }

  @Test
  void aVersionOfTheFutureIsNamedWithTheNewest() {
    state.set("a", json(1));

    assertThatThrownBy(() -> state.rollback(100))
        .isInstanceOfSatisfying(StateVersionException.class, e -> {
          assertThat(e.current()).isEqualTo(1);
          assertThat(e.target()).isEqualTo(100);
          assertThat(e).hasMessageContainingAll("100", "0 to 1", state.id().toString());
        });
  }

  @Test
  void toVersionZeroEmptiesTheState() {
    state.update(Map.of("a", json(1), "b", json(2)));

    assertThat(state.rollback(0)).isEqualTo(2);

    assertThat(state.keys()).isEmpty();
    assertThat(state.rollback(1)).isEqualTo(3);
    assertThat(state.keys()).containsExactly("a", "b");
  }

  @Test
  void toTheNewestVersionIsNoChange() {
    assertThat(state.rollback(0)).isZero();
    state.set("a", json(1));
    state.set("a", json(2));
    Content before = Content.of(state);

    assertThat(state.rollback(2)).isEqualTo(2);

    assertThat(Content.of(state)).isEqualTo(before);
  }

  @Test
  void restoresEverythingAcrossAClear() {
    state.update(Map.of("a", json(1), "b", json(List.of(1, 2)), "c", json(Map.of("d", 3))));
    state.append("b", 3);
    state.set("n", json(null));
    long remembered = state.patch("c", JsonPatch.parse("""
        [{"op": "add", "path": "/e", "value": [1.10, "a text that makes the patch worth while"]}]"""));
    state.clear();
    state.set("new", json("after"));

    state.rollback(remembered);

    assertThat(state.keys()).containsExactly("a", "b", "c", "n");
    assertThat(state.get("b")).contains(json(List.of(1, 2, 3)));
    assertSameContent(remembered);
  }

  @Test
  void doesNotMixTheBranchesWhenRepeated() {
    state.set("a", json(1));
    state.set("a", json(2));
    state.set("a", json(3));
    assertThat(state.rollback(1)).isEqualTo(4);
    assertThat(state.set("a", json(20))).isEqualTo(5);
    assertThat(state.set("b", json(1))).isEqualTo(6);

    assertThat(state.rollback(5)).isEqualTo(7);

    assertThat(state.get("a")).contains(json(20));
    assertThat(state.has("b")).isFalse();
    assertThat(state.rollback(3)).isEqualTo(8);
    assertThat(state.get("a")).contains(json(3));
    assertThat(state.rollback(7)).isEqualTo(9);
    assertSameContent(7);
  }

  @Test
  void isFollowedByFreshSnapshots() {
    state.set("a", json(1));
    state.snapshot();
    state.set("a", json(2));
    Snapshot<JsonNode> second = state.snapshot();
    state.rollback(1);
    assertThat(state.snapshot().get("a")).contains(json(1));
    state.update(Map.of("b", json(5)));

    Snapshot<JsonNode> newest = state.snapshot();

    assertThat(newest.version()).isEqualTo(4);
    assertThat(newest.asMap()).isEqualTo(Map.of("a", json(1), "b", json(5)));
    assertThat(second.asMap()).isEqualTo(Map.of("a", json(2)));
  }

  @Test
  void keepsNullsApartFromAbsentKeys() {
    state.set("null", null);
    long remembered = state.set("other", json(1));
    state.set("null", json("value"));
    state.set("late", null);

    state.rollback(remembered);

    assertThat(state.has("null")).isTrue();
    assertThat(state.getRequired("null")).isNull();
    assertThat(state.has("late")).isFalse();

    state.delete("null");
    assertThat(state.has("null")).isFalse();
    state.rollback(remembered);
    assertThat(state.has("null")).isTrue();
    assertThat(state.getRequired("null")).isNull();
    Change<JsonNode> undeleted = state.history(History.of("null")).changes().get(0);
    assertThat(undeleted.before()).isNull();
    assertThat(undeleted.after()).isEqualTo(new Versioned<>(null, state.version()));
  }

  @Test
  void isRecordedForEveryKeyThatWasWrittenSince() {
    state.update(Map.of("a", json(1), "b", json(2)));
    state.set("a", json(10));
    state.set("c", json(3));

    state.by("operator").because("wrong turn").rollback(1);

    List<Change<JsonNode>> records = state.history(History.all().versions(4, 4)).changes();
    assertThat(records).extracting(Change::key).containsExactly("c", "a");
    assertThat(records).allSatisfy(record -> {
      assertThat(record.operation()).isEqualTo(Operation.ROLLBACK);
      assertThat(record.actor()).contains("operator");
      assertThat(record.reason()).contains("wrong turn");
    });
    assertThat(records.get(0).oldValue()).contains(json(3));
    assertThat(records.get(0).after()).isNull();
    assertThat(records.get(1).oldValue()).contains(json(10));
    assertThat(records.get(1).newValue()).contains(json(1));
  }

  @Test
  void leavesTheRecordsBeforeItAsTheyWere() {
    state.set("a", json(1));
    state.set("a", json(2));
    state.delete("a");
    List<String> before = Content.of(state).history();

    state.rollback(1);

    assertThat(Content.of(state).history()).hasSize(4).endsWith(before.toArray(String[]::new));
    assertThat(state.at(2).get("a")).contains(json(2));
    assertThat(state.at(3).has("a")).isFalse();
  }

  private void assertSameContent(long version) {
    assertThat(state.snapshot().toJson()).isEqualTo(state.at(version).toJson());
    assertThat(state.diff(version, state.version()).isEmpty()).isTrue();
  }
}
