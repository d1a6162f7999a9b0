package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.store.retention.Retention;
import dev.holdfast.store.retention.RetentionPolicy;
import dev.holdfast.store.retention.RetentionReport;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A snapshot that is made of the one before and of what has changed since, or is read as a whole where that cannot be told, is always the same. */
@HoldfastTest
@Tag("G5")
final class FollowedSnapshotTest {

  /** On both sides of each other, and two that Java orders the other way round. */
  private static final List<String> KEYS =
      List.of("a", "b", "c", "list", "m", "n", "z", "\ue000", "\ud83d\ude00");

  private final TestDatabase database;

  @AutoClose
  private final TestingStore store;

  @AutoClose
  private final TestingStore other;

  private final State<JsonNode> state;
  private final State<JsonNode> elsewhere;

  FollowedSnapshotTest(TestDatabase database) {
    this.database = database;
    this.store = TestingStore.on(database, settings -> settings.deltasPerSnapshot(5));
    this.other = TestingStore.on(database, StateStore.Builder::withoutSnapshotCache);
    this.state = store.state();
    this.elsewhere = other.store().state(state.id().namespace(), state.id().name());
  }

  private void requireSame() {
    Snapshot<JsonNode> followed = state.snapshot();
    Snapshot<JsonNode> read = elsewhere.snapshot();
    assertThat(followed).isEqualTo(read);
    assertThat(followed.changedAt()).isEqualTo(read.changedAt());
    assertThat(List.copyOf(followed.keys())).isEqualTo(List.copyOf(read.keys()));
    for (String key : read.keys()) {
      assertThat(followed.find(key)).isEqualTo(read.find(key));
    }
  }

  @Test
  void isThatOfAnotherProcessWhateverHasChanged() {
    Random random = new Random(Seed.next("followed-snapshots"));
    for (int i = 0; i < 200; i++) {
      for (int changes = random.nextInt(4); changes > 0; changes--) {
        change(random.nextBoolean() ? state : elsewhere, random);
      }
      requireSame();
    }
    assertThat(state.version()).as("the least that means anything").isGreaterThan(100);
  }

  private static void change(State<JsonNode> on, Random random) {
    String key = KEYS.get(random.nextInt(KEYS.size()));
    JsonNode value = json(random.nextInt(1000));
    switch (random.nextInt(10)) {
      case 0 -> on.clear();
      case 1, 2 -> on.delete(key);
      case 3 -> on.rollback(random.nextLong(on.version() + 1));
      case 4, 5 -> {
        if (on.get("list").map(JsonNode::isArray).orElse(true)) {
          on.append("list", value);
        }
      }
      case 6 -> on.update(Map.of("a", value, "n", value, "z", json(null)));
      default -> on.set(key, value);
    }
  }

  @Test
  void ofAForkFollowsIt() {
    state.update(Map.of("a", json(1), "b", json(2)));
    state.append("list", 1);
    State<JsonNode> fork = state.fork(TestingStore.newName(), state.version());
    assertThat(fork.snapshot().asMap()).isEqualTo(state.snapshot().asMap());

    fork.append("list", 2);
    fork.rollback(1);
    fork.set("c", json(3));

    assertThat(fork.snapshot().asMap())
        .isEqualTo(Map.of("a", json(1), "b", json(2), "list", json(List.of(1)), "c", json(3)));
  }

  @Test
  void isReadAsAWholeBehindMoreChangesThanKeys() {
    state.update(Map.of("a", json(0), "b", json(0)));
    state.snapshot();
    for (int i = 1; i <= 200; i++) {
      elsewhere.set("a", json(i));
    }
    requireSame();
  }

  /** Nothing says any more that the key was removed. */
  @Test
  void isReadAsAWholeWhenWhatItKnowsWasCleared() {
    state.update(Map.of("a", json(1), "b", json(2)));
    state.snapshot();
    elsewhere.delete("a");
    elsewhere.set("b", json(3));
    elsewhere.clearHistory();
    Retention retention =
        Retention.on(database.dataSource(), database.schema()).grace(Duration.ZERO);
    RetentionReport removed =
        retention.run(retention.plan(RetentionPolicy.removeCleared(), state.id()));
    assertThat(removed.removed()).isPositive();
    assertThat(store.query(
            "SELECT key FROM holdfast.change WHERE state_id = ? AND key = 'a'",
            state.id().uuid()))
        .isEmpty();

    requireSame();
  }

  /** A server that had not received what the first one had committed takes over, and gives the same versions to something else. */
  @Test
  void isReadAsAWholeWhenTheVersionThatItKnowsWasLost() {
    state.set("kept", json(1));
    state.set("lost", json(2));
    for (int later = 0; later < 3; later++) {
      Snapshot<JsonNode> known = state.snapshot();
      store.execute("DELETE FROM holdfast.change WHERE version > 1 AND state_id = '"
          + state.id().uuid() + "'");
      store.execute("UPDATE holdfast.state SET version = 1 WHERE state_id = '"
          + state.id().uuid() + "'");
      try (TestingStore successor = other.another()) {
        State<JsonNode> there =
            successor.store().state(state.id().namespace(), state.id().name());
        for (int i = 0; i <= later; i++) {
          there.set("other-" + later, json(i));
        }
      }
      assertThat(state.snapshot()).isNotEqualTo(known);
      requireSame();
    }
  }

  @Test
  void ofATransactionIsNeverFollowed() {
    state.set("a", json(1));
    Snapshot<JsonNode> before = state.snapshot();
    assertThatThrownBy(() -> store.store().transaction(Isolation.READ_COMMITTED, tx -> {
          State<JsonNode> within = tx.state(state.id().namespace(), state.id().name());
          within.set("b", json(2));
          assertThat(within.snapshot().keys()).containsExactly("a", "b");
          throw new IllegalStateException("changed my mind");
        }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(before.keys()).containsExactly("a");
    requireSame();
  }

  @Test
  void aDifferenceIsTheSameHoweverMuchHasChanged() {
    Map<String, JsonNode> many = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      many.put("key-" + i, json(i));
    }
    state.update(many);
    state.append("list", 1);
    List<Long> versions = new ArrayList<>(List.of(0L, state.version()));
    for (int i = 0; i < 60; i++) {
      many.replaceAll((key, value) -> json(value.intValue() + 1));
      state.update(many);
      versions.add(state.delete("key-" + i) ? state.version() : 0);
      many.remove("key-" + i);
    }
    for (long from : versions) {
      for (long to : List.of(0L, 2L, versions.get(30), state.version())) {
        StateDiff diff = state.diff(from, to);
        StateDiff expected = store.store().transaction(Isolation.REPEATABLE_READ, tx -> {
          State<JsonNode> within = tx.state(state.id().namespace(), state.id().name());
          return Differ.diff(from, within.at(from).entries(), to, within.at(to).entries());
        });
        assertThat(diff).isEqualTo(expected);
      }
    }
  }
}
