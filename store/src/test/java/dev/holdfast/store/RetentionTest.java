package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.HistoryPage;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the original did with a maximum number of records is done by clearing up to a version; whole versions are kept or not. */
@HoldfastTest
@Tag("G6")
final class RetentionTest {

  @AutoClose
  private final TestingStore store;

  private final State<JsonNode> state;

  RetentionTest(TestDatabase database) {
    this.store = TestingStore.on(database);
    this.state = store.state();
  }

  @Test
  void keepsTheTenNewestOfTwenty() {
    set(20);

    assertThat(state.clearHistoryBefore(10)).isEqualTo(10);

    assertThat(state.history().changes())
        .extracting(Change::version)
        .containsExactly(20L, 19L, 18L, 17L, 16L, 15L, 14L, 13L, 12L, 11L);
    assertThat(state.get("counter")).contains(json(20));
    assertThat(state.version()).isEqualTo(20);
  }

  @Test
  void keepsTheFiftyNewestOfAHundred() {
    set(100);

    state.clearHistoryBefore(50);

    assertThat(state.history().changes()).hasSize(50);
    assertThat(state.at(50).get("counter")).contains(json(50));
    assertThatThrownBy(() -> state.at(49)).isInstanceOf(StateRollbackException.class);
  }

  @Test
  void aClearedVersionCannotBeReturnedTo() {
    set(20);
    state.clearHistoryBefore(15);
    Content before = Content.of(state);

    assertThatThrownBy(() -> state.rollback(1))
        .isInstanceOfSatisfying(StateRollbackException.class, e -> {
          assertThat(e.target()).isEqualTo(1);
          assertThat(e.oldest()).isEqualTo(15);
          assertThat(e).hasMessageContainingAll("Version 1 ", "15", state.id().toString());
        });
    assertThatThrownBy(() -> state.rollback(14)).isInstanceOf(StateRollbackException.class);
    assertThat(Content.of(state)).isEqualTo(before);

    assertThat(state.rollback(15)).isEqualTo(21);
    assertThat(state.get("counter")).contains(json(15));
  }

  @Test
  void clearedHistoryIsEmpty() {
    set(3);
    state.by("operator").because("privacy").clearHistory();

    assertThat(state.history().changes()).isEmpty();
    assertThat(state.get("counter")).contains(json(3));
    assertThat(store.query(
            "SELECT version || ' ' || actor || ' ' || reason FROM holdfast.history_cut WHERE state_id = ?",
            state.id().uuid()))
        .containsExactly("3 operator privacy");
  }

  @Test
  void afterClearingOnlyTheNewestVersionCanBeReturnedTo() {
    set(3);
    assertThat(state.clearHistory()).isEqualTo(3);

    for (long version = 0; version < 3; version++) {
      long target = version;
      assertThatThrownBy(() -> state.rollback(target))
          .isInstanceOfSatisfying(StateRollbackException.class, e -> {
            assertThat(e.target()).isEqualTo(target);
            assertThat(e.oldest()).isEqualTo(3);
          });
    }
    assertThat(state.rollback(3)).isEqualTo(3);

    state.set("counter", json("later"));
    assertThat(state.rollback(3)).isEqualTo(5);
    assertThat(state.get("counter")).contains(json(3));
  }

  @Test
  void keepsOrClearsABatchAsAWhole() {
    state.set("before", json(0));
    Map<String, JsonNode> batch = new LinkedHashMap<>();
    for (int i = 10; i < 40; i++) {
      batch.put("key-" + i, json(i));
    }
    state.update(batch);
    state.set("after", json(0));

    state.clearHistoryBefore(1);
    assertThat(pages(7)).hasSize(31).extracting(Change::key).doesNotContain("before");
    assertThat(state.rollback(1)).isEqualTo(4);
    assertThat(state.keys()).containsExactly("before");

    state.rollback(2);
    state.clearHistoryBefore(2);
    assertThat(pages(7)).extracting(Change::version).doesNotContain(1L, 2L);
    assertThat(state.keys()).hasSize(31).containsAll(batch.keySet());
  }

  @Test
  void neverGoesBack() {
    set(5);
    state.clearHistoryBefore(4);

    assertThat(state.clearHistoryBefore(2)).isEqualTo(4);

    assertThatThrownBy(() -> state.at(3)).isInstanceOf(StateRollbackException.class);
  }

  private void set(int times) {
    for (int i = 1; i <= times; i++) {
      state.set("counter", json(i));
    }
  }

  private List<Change<JsonNode>> pages(int limit) {
    List<Change<JsonNode>> all = new ArrayList<>();
    Optional<History> query = Optional.of(History.all().limit(limit));
    while (query.isPresent()) {
      HistoryPage<JsonNode> page = state.history(query.get());
      all.addAll(page.changes());
      query = page.next();
    }
    return all;
  }
}
