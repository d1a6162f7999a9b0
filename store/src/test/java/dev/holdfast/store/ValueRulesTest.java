package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.json.MergePatch;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.validation.ValidationException;
import dev.holdfast.store.validation.ValidationException.Violation;
import dev.holdfast.store.validation.ValueRules;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** A value that breaks a rule is not written, whichever call would write it. */
@HoldfastTest
@Tag("G12")
@Timeout(120)
class ValueRulesTest {

  private static final int MOST = 10;
  private static final JsonPatch FIRST_IS_ONE =
      JsonPatch.parse("[{\"op\": \"replace\", \"path\": \"/0\", \"value\": 1}]");

  /** Numbers are at most ten, arrays hold at most ten. */
  private static final ValueRules SMALL = new ValueRules() {
    @Override
    public boolean govern(StateId state, String key) {
      return key.startsWith("small");
    }

    @Override
    public void check(StateId state, String key, String json) {
      JsonNode value = Json.parse(json);
      boolean small = value.isNumber() ? value.intValue() <= MOST : value.size() <= MOST;
      if (!small) {
        throw new ValidationException(state, key, List.of(new Violation("", "small", "")));
      }
    }
  };

  private final TestDatabase database;
  private final StateStore store;
  private final State<JsonNode> state;

  ValueRulesTest(TestDatabase database) {
    this.database = database;
    this.store = StateStore.builder(database.dataSource()).rules(SMALL).build();
    this.state = store.state("rules", UUID.randomUUID().toString());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void refused(ThrowingCallable call) {
    long before = state.version();
    assertThatThrownBy(call)
        .isInstanceOf(ValidationException.class)
        .hasMessageContaining(state.id().toString())
        .hasMessageContaining("small");
    assertThat(state.version()).isEqualTo(before);
  }

  @Test
  void noCallWritesWhatBreaksARule() {
    state.set("small", json(10));
    state.set("free", json(11));
    refused(() -> state.set("small", json(11)));
    refused(() -> state.update(Map.of("free", json(1), "small", json(11))));
    refused(() -> state.apply(Changes.set("small", json(11))));
    refused(() -> state.compareAndSet(2, Changes.set("small", json(11))));
    refused(() -> state.compute("small", value -> json(11)));
    refused(() -> state.merge("small", json(1), (a, b) -> json(11)));
    refused(() -> state.putIfAbsent("smallest", json(11)));
    refused(() -> state.increment("small", 1));
    refused(() -> state.patch(
        "small", JsonPatch.parse("[{\"op\": \"replace\", \"path\": \"\", \"value\": 11}]")));
    refused(() -> state.patch("small", MergePatch.parse("11")));
    refused(() -> store.transaction(Isolation.READ_COMMITTED, tx -> {
      State<JsonNode> within = tx.state(state.id().namespace(), state.id().name());
      within.set("free", json(12));
      return within.set("small", json(11));
    }));
    assertThat(state.snapshot().getRequired("free")).isEqualTo(json(11));
    assertThat(state.increment("small", -1)).isEqualTo(9);
  }

  @Test
  void anAppendIsCheckedAsAWholeAndStaysADelta() {
    for (int i = 0; i < MOST; i++) {
      state.append("small", i);
    }
    refused(() -> state.append("small", 11));
    refused(() -> state.appendAll("small2", List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)));
    assertThat(state.getRequired("small")).hasSize(MOST);
    assertThat(state.history(History.of("small")).changes())
        .extracting(Change::operation)
        .containsOnly(Operation.APPEND);
    assertThat(database.queryStrings(
            "SELECT form FROM holdfast.change WHERE state_id = '%s' ORDER BY version"
                .formatted(state.id().uuid())))
        .endsWith("append", "append");
  }

  @Test
  void anAppendAmongOtherChangesIsRefused() {
    assertThatThrownBy(() -> state.apply(Changes.<JsonNode>append("small", 1)))
        .isInstanceOfSatisfying(
            HoldfastException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("call append");
    assertThat(state.version()).isZero();
  }

  /** Each append reads before it writes; the store without rules is the control. */
  @Test
  void appendsAtTheSameTimeDoNotBreakARuleTogether() throws Exception {
    assertThat(appended(state)).isEqualTo(MOST);
    try (StateStore free = StateStore.builder(database.dataSource()).build()) {
      assertThat(appended(free.state("rules", UUID.randomUUID().toString()))).isEqualTo(40);
    }
  }

  @Test
  void anAppendGoesOnFromWhatTheTransactionHasSetOrPatched() {
    state.set("small-patched", nineTexts());
    store.transaction(Isolation.READ_COMMITTED, tx -> {
      State<JsonNode> within = tx.state(state.id().namespace(), state.id().name());
      within.set("small-set", Json.parse("[1]"));
      within.append("small-set", 2);
      within.patch("small-patched", FIRST_IS_ONE);
      return within.append("small-patched", 2);
    });
    assertThat(state.getRequired("small-set")).containsExactly(json(1), json(2));
    assertThat(state.getRequired("small-patched"))
        .hasSize(MOST)
        .startsWith(json(1))
        .endsWith(json(2));

    refused(() -> store.transaction(Isolation.READ_COMMITTED, tx -> {
      State<JsonNode> within = tx.state(state.id().namespace(), state.id().name());
      within.set("small-set", Json.parse("[1,2,3,4,5,6,7,8,9,10]"));
      return within.append("small-set", 11);
    }));
  }

  /** An array behind a patch is read once more to be joined; the rule was asked of what was read first. */
  @Test
  void anAppendThatHasToBeJoinedDoesNotBreakARuleTogetherWithAnother() {
    state.set("small", nineTexts());
    state.patch("small", FIRST_IS_ONE);
    AtomicInteger left = new AtomicInteger();
    DataSource hooked = before(database.dataSource(), () -> {
      if (left.decrementAndGet() == 0) {
        state.append("small", "theirs");
      }
    });
    try (StateStore another = StateStore.builder(hooked).rules(SMALL).build()) {
      State<JsonNode> same = another.state(state.id().namespace(), state.id().name());
      left.set(3); // It reads, sends, and reads again.
      assertThatThrownBy(() -> same.append("small", "ours"))
          .isInstanceOf(ValidationException.class);
    }
    assertThat(state.getRequired("small")).hasSize(MOST).endsWith(json("theirs"));
  }

  private static JsonNode nineTexts() {
    return json(Collections.nCopies(MOST - 1, "a text that is longer than a patch"));
  }

  /** Does something before each connection is given. */
  private static DataSource before(DataSource source, Runnable hook) {
    return (DataSource) Proxy.newProxyInstance(
        DataSource.class.getClassLoader(),
        new Class<?>[] {DataSource.class},
        (proxy, method, arguments) -> {
          if (method.getName().equals("getConnection")) {
            hook.run();
          }
          try {
            return method.invoke(source, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  private static int appended(State<JsonNode> to) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Boolean>> appends = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        int element = i;
        appends.add(() -> isAppended(to, element));
      }
      int appended = 0;
      for (Future<Boolean> append : threads.invokeAll(appends)) {
        appended += append.get() ? 1 : 0;
      }
      assertThat(to.getRequired("small")).hasSize(appended);
      return appended;
    } finally {
      threads.shutdownNow();
    }
  }

  private static boolean isAppended(State<JsonNode> to, int element) {
    try {
      to.append("small", element);
      return true;
    } catch (ValidationException e) {
      return false;
    }
  }

  @Test
  void aRollbackBringsBackWhatWasAcceptedOnce() {
    try (StateStore free = StateStore.builder(database.dataSource()).build()) {
      free.state(state.id().namespace(), state.id().name()).set("small", json(11));
    }
    state.set("small", json(1));
    state.rollback(1);
    assertThat(state.getRequired("small")).isEqualTo(json(11));
  }
}
