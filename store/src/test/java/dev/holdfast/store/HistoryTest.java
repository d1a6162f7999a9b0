package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.HistoryPage;
import dev.holdfast.store.history.Operation;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@HoldfastTest
@Tag("G6")
final class HistoryTest {

  @AutoClose
  private final TestingStore store;

  private final State<JsonNode> state;

  HistoryTest(TestDatabase database) {
    this.store = TestingStore.on(database);
    this.state = store.state();
  }

  @Test
  void isNewestFirst() {
    state.by("agent-1").set("a", json(1));
    state.by("agent-2").set("a", json(2));

    List<Change<JsonNode>> changes = state.history().changes();

    assertThat(changes).extracting(Change::version).containsExactly(2L, 1L);
    assertThat(changes)
        .extracting(change -> change.actor().orElse(""))
        .containsExactly("agent-2", "agent-1");
    assertThat(changes.get(0).changedAt()).isAfter(changes.get(1).changedAt());
  }

  @Test
  void canBeOfOneKey() {
    state.set("a", json(1));
    state.set("b", json(2));
    state.set("a", json(3));

    assertThat(state.history(History.of("a")).changes())
        .extracting(Change::version)
        .containsExactly(3L, 1L);
    assertThat(state.history(History.of("c")).changes()).isEmpty();
  }

  @Test
  void isCutToItsLimitAndContinued() {
    for (int i = 1; i <= 10; i++) {
      state.set("a", json(i));
    }

    HistoryPage<JsonNode> page = state.history(History.all().limit(5));

    assertThat(page.changes()).extracting(Change::version).containsExactly(10L, 9L, 8L, 7L, 6L);
    HistoryPage<JsonNode> next = state.history(page.next().orElseThrow());
    assertThat(next.changes()).extracting(Change::version).containsExactly(5L, 4L, 3L, 2L, 1L);
    assertThat(next.next()).isEmpty();
  }

  @Test
  void namesTheOperationOfEveryChange() {
    state.set("a", json(1));
    state.update(Map.of("a", json(2)));
    state.delete("a");
    state.set("a", json(3));
    state.clear();

    assertThat(state.history().changes())
        .extracting(Change::operation)
        .containsExactly(
            Operation.CLEAR, Operation.SET, Operation.DELETE, Operation.UPDATE, Operation.SET);
  }

  @Test
  void hasTheValuesBeforeAndAfter() {
    state.set("a", json(1));
    state.set("a", json(2));

    List<Change<JsonNode>> changes = state.history().changes();

    assertThat(changes.get(0).oldValue()).contains(json(1));
    assertThat(changes.get(0).newValue()).contains(json(2));
    assertThat(changes.get(1).before()).isNull();
    assertThat(changes.get(1).newValue()).contains(json(1));
  }

  @Test
  void tellsANullBeforeFromAnAbsentKey() {
    state.set("a", null);
    state.set("a", json(1));
    state.set("a", null);
    state.delete("a");

    List<Change<JsonNode>> changes = state.history().changes();

    assertThat(changes.get(0).before()).isEqualTo(new Versioned<>(null, 3));
    assertThat(changes.get(0).after()).isNull();
    assertThat(changes.get(1).after()).isEqualTo(new Versioned<>(null, 3));
    assertThat(changes.get(2).before()).isEqualTo(new Versioned<>(null, 1));
    assertThat(changes.get(3).before()).isNull();
    assertThat(changes.get(3).after()).isEqualTo(new Versioned<>(null, 1));
  }

  @Test
  void saysWhoDeletedAndWhoCleared() {
    state.update(Map.of("a", json(1), "b", json(2), "c", json(3)));
    state.by("deleter").delete("a");
    state.by("cleaner").because("end of session").clear();

    List<Change<JsonNode>> cleared = state.history(History.all().by("cleaner")).changes();
    assertThat(cleared).extracting(Change::key).containsExactly("c", "b");
    assertThat(cleared).allSatisfy(change -> {
      assertThat(change.operation()).isEqualTo(Operation.CLEAR);
      assertThat(change.reason()).contains("end of session");
      assertThat(change.after()).isNull();
    });
    assertThat(cleared).extracting(Change::oldValue).allMatch(value -> value.isPresent());
    List<Change<JsonNode>> deleted = state.history(History.all().by("deleter")).changes();
    assertThat(deleted).extracting(Change::operation).containsExactly(Operation.DELETE);
    assertThat(deleted.get(0).oldValue()).contains(json(1));
  }

  @Test
  void aRecordCannotBeModified() {
    state.set("a", json(1));
    HistoryPage<JsonNode> page = state.history();

    assertThat(Change.class).isFinal().isRecord();
    assertThatThrownBy(() -> page.changes().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void anUnknownOperationIsRefused() {
    assertThatThrownBy(() -> Operation.ofSqlName("rename"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rename");
    for (Operation operation : Operation.values()) {
      assertThat(Operation.ofSqlName(operation.sqlName())).isEqualTo(operation);
    }
  }
}
