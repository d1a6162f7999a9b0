package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.history.Tag;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A version with a name can be read and returned to by it, whatever is cleared. */
@HoldfastTest
@org.junit.jupiter.api.Tag("G6")
final class TagTest {

  @AutoClose
  private final TestingStore store;

  private final State<JsonNode> state;

  TagTest(TestDatabase database) {
    this.store = TestingStore.on(database);
    this.state = store.state();
  }

  @Test
  void namesTheNewestVersionOrAnyOther() {
    set(3);

    assertThat(state.by("planner").because("payment").tag("before payment")).isEqualTo(3);
    assertThat(state.tag("first", 1)).isEqualTo(1);
    assertThat(state.tag("empty", 0)).isZero();

    assertThat(state.at("before payment").get("n")).contains(json(3));
    assertThat(state.at("first").get("n")).contains(json(1));
    assertThat(state.at("empty").keys()).isEmpty();
    assertThat(state.tags())
        .extracting(Tag::name, Tag::version)
        .containsExactly(tuple("empty", 0L), tuple("first", 1L), tuple("before payment", 3L));
    Tag last = state.tags().get(2);
    assertThat(last.origin().actor()).isEqualTo("planner");
    assertThat(last.origin().reason()).isEqualTo("payment");
    assertThat(state.version()).isEqualTo(3);
  }

  @Test
  void aNameIsUniquePerState() {
    set(2);
    state.tag("here", 1);

    assertThat(state.tag("here", 1)).isEqualTo(1);
    assertThatThrownBy(() -> state.tag("here"))
        .isInstanceOfSatisfying(StateTagException.class, e -> {
          assertThat(e.code()).isEqualTo(ErrorCode.ALREADY_EXISTS);
          assertThat(e.tag()).isEqualTo("here");
          assertThat(e)
              .hasMessageContainingAll("\"here\"", "version 1", state.id().toString());
        });
    assertThat(state.at("here").version()).isEqualTo(1);

    State<JsonNode> other = store.state();
    other.set("n", json(1));
    assertThat(other.tag("here")).isEqualTo(1);
  }

  @Test
  void aRemovedNameIsFreeAgainAndItsRemovalIsRecorded() {
    set(2);
    state.by("planner").tag("here", 1);

    assertThat(state.by("operator").because("mistake").untag("here")).isTrue();
    assertThat(state.untag("here")).isFalse();
    assertThatThrownBy(() -> state.at("here"))
        .isInstanceOfSatisfying(
            StateTagException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TAG_ABSENT));
    assertThatThrownBy(() -> state.rollbackTo("here")).isInstanceOf(StateTagException.class);
    assertThat(state.tag("here")).isEqualTo(2);

    assertThat(store.query(
            "SELECT concat_ws(' ', version, actor, removed_by, removal_reason) FROM holdfast.tag_summary"
                + " WHERE state_id = ? ORDER BY version",
            state.id().uuid()))
        .containsExactly("1 planner operator mistake", "2");
  }

  @Test
  void returnsToTheVersionWithAName() {
    state.update(Map.of("a", json(1), "b", json(2)));
    state.tag("start");
    state.set("a", json(10));
    state.delete("b");

    assertThat(state.rollbackTo("start")).isEqualTo(4);

    assertThat(state.snapshot().toJson()).isEqualTo(state.at(1).toJson());
  }

  @Test
  void aNamedVersionOutlivesTheClearingOfHistory() {
    set(5);
    state.append("list", 1);
    state.tag("kept");
    state.append("list", 2);
    set(5);
    state.clearHistory();

    assertThatThrownBy(() -> state.at(5)).isInstanceOf(StateRollbackException.class);
    assertThatThrownBy(() -> state.at(7)).isInstanceOf(StateRollbackException.class);
    Snapshot<JsonNode> kept = state.at("kept");
    assertThat(kept.version()).isEqualTo(6);
    assertThat(kept.changedAt()).isPresent();
    assertThat(kept.get("n")).contains(json(5));
    assertThat(kept.get("list")).contains(json(List.of(1)));
    assertThat(state.at(6)).isEqualTo(kept);
    assertThat(state.diff(6, 12).byKey()).containsOnlyKeys("list");
    assertThat(store.query(
            "SELECT key || ' ' || value FROM holdfast.state_at('test', ?, 6)",
            state.id().name()))
        .containsExactly("list [1]", "n 5");
    assertThat(state.history().changes()).isEmpty();

    assertThat(state.tag("the same", 6)).isEqualTo(6);
    state.untag("kept");
    assertThat(state.rollback(6)).isEqualTo(13);
    assertThat(state.get("list")).contains(json(List.of(1)));
  }

  @Test
  void aClearedVersionWithoutANameCannotGetOne() {
    set(5);
    state.tag("kept", 2);
    state.clearHistory();

    assertThatThrownBy(() -> state.tag("late", 3))
        .isInstanceOfSatisfying(
            StateRollbackException.class, e -> assertThat(e.oldest()).isEqualTo(5));
    state.untag("kept");
    assertThatThrownBy(() -> state.tag("kept", 2)).isInstanceOf(StateRollbackException.class);
    assertThatThrownBy(() -> state.at(2)).isInstanceOf(StateRollbackException.class);
    assertThatThrownBy(() -> state.rollback(2)).isInstanceOf(StateRollbackException.class);
    assertThatThrownBy(() -> store.query(
            "SELECT key FROM holdfast.state_at('test', ?, 2)", state.id().name()))
        .hasStackTraceContaining("cleared of what is older than version 5");
  }

  @Test
  void refusesVersionsThatDoNotExist() {
    set(1);

    assertThatThrownBy(() -> state.tag("future", 2)).isInstanceOf(StateVersionException.class);
    assertThatThrownBy(() -> state.tag("negative", -1)).isInstanceOf(StateVersionException.class);
    assertThatThrownBy(() -> store.state().tag("future", 1))
        .isInstanceOf(StateVersionException.class);
    assertThat(state.tags()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\0b", "\uD800"})
  void refusesNamesThatAreNoText(String name) {
    assertThatThrownBy(() -> state.tag(name))
        .isInstanceOfSatisfying(
            HoldfastException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
    assertThatThrownBy(() -> state.at(name)).hasMessageContaining("tag");
  }

  @Test
  void aTransactionReadsTagsAndReturnsToThemButNamesNothing() {
    set(3);
    state.tag("start", 1);
    state.clearHistory();
    StateId id = state.id();

    long version = store.store().transaction(Isolation.SERIALIZABLE, tx -> {
      State<JsonNode> inside = tx.state(id.namespace(), id.name());
      assertThat(inside.tags()).hasSize(1);
      assertThat(inside.at("start").get("n")).contains(json(1));
      return inside.rollbackTo("start");
    });
    assertThat(version).isEqualTo(4);

    assertThat(state.get("n")).contains(json(1));
    refusedInside(inside -> inside.tag("inside"));
    refusedInside(inside -> inside.untag("start"));
  }

  private void refusedInside(Consumer<State<JsonNode>> call) {
    assertThatThrownBy(() -> store.store().transaction(Isolation.READ_COMMITTED, tx -> {
          call.accept(tx.state(state.id().namespace(), state.id().name()));
          return true;
        }))
        .isInstanceOfSatisfying(
            HoldfastException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.TRANSACTION_MISUSE));
    assertThat(state.tags()).hasSize(1);
  }

  /** Whoever comes first gets the name for its version; nobody gets an error of the database. */
  @Test
  void ofManyAtOnceOneGetsTheName() throws Exception {
    int threads = 8;
    int rounds = 20;
    set(threads);
    for (int round = 0; round < rounds; round++) {
      String name = "round " + round;
      AtomicInteger winners = new AtomicInteger();
      List<Callable<?>> calls = new ArrayList<>();
      for (int i = 1; i <= threads; i++) {
        long version = i;
        calls.add(() -> {
          try {
            state.tag(name, version);
            return winners.incrementAndGet();
          } catch (StateTagException e) {
            return e.tag();
          }
        });
      }
      Concurrently.run(calls);
      assertThat(winners).hasValue(1);
    }
    assertThat(state.tags()).hasSize(rounds);
  }

  private void set(int times) {
    for (int i = 1; i <= times; i++) {
      state.set("n", json(i));
    }
  }
}
