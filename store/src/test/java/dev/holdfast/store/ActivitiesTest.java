package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.store.activity.ActivityListener;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@HoldfastTest
class ActivitiesTest {

  private final TestDatabase database;
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final ActivityListener listener = activity -> {
    told.add("> " + activity.name());
    return failure -> told.add("< " + activity.name()
        + (failure == null ? "" : " " + failure.getClass().getSimpleName()));
  };

  ActivitiesTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void everyCallIsToldInOrder() {
    try (StateStore store =
        StateStore.builder(database.dataSource()).listener(listener).build()) {
      State<JsonNode> state = store.state("activities", "one");
      state.set("a", json(1));
      state.get("a");
      state.snapshot();
      store.transaction(
          Isolation.SERIALIZABLE, tx -> tx.state("activities", "one").get("a"));
      assertThatThrownBy(() -> state.rollback(9)).isInstanceOf(StateVersionException.class);
    }
    assertThat(told)
        .containsExactly(
            "> write",
            "< write",
            "> get",
            "< get",
            "> snapshot",
            "< snapshot",
            "> SERIALIZABLE",
            "> get",
            "< get",
            "< SERIALIZABLE",
            "> rollback",
            "< rollback HoldfastException");
  }

  /** Whoever writes is to learn that the write was done, whatever a listener throws. */
  @Test
  void anErrorOfAListenerChangesNothing() {
    ActivityListener failing = activity -> {
      if (activity.name().equals("get")) {
        throw new StackOverflowError("at the beginning");
      }
      return failure -> {
        throw new AssertionError("at the end");
      };
    };
    try (StateStore store =
        StateStore.builder(database.dataSource()).listener(failing).build()) {
      State<JsonNode> state = store.state("activities", "failing");
      assertThat(state.set("a", json(1))).isEqualTo(1);
      assertThat(state.get("a")).contains(json(1));
      assertThatThrownBy(() -> state.rollback(9)).isInstanceOf(StateVersionException.class);
    }
  }

  /** Of a listener in a language without checked exceptions, say. */
  @Test
  void aCheckedExceptionOfAListenerChangesNothing() {
    ActivityListener failing = activity -> {
      if (activity.name().equals("get")) {
        throw ActivitiesTest.<RuntimeException>undeclared(new IOException("at the beginning"));
      }
      return failure -> {
        throw ActivitiesTest.<RuntimeException>undeclared(new IOException("at the end"));
      };
    };
    try (StateStore store =
        StateStore.builder(database.dataSource()).listener(failing).build()) {
      State<JsonNode> state = store.state("activities", "undeclared");
      assertThat(state.set("a", json(1))).isEqualTo(1);
      assertThat(state.get("a")).contains(json(1));
      assertThatThrownBy(() -> state.rollback(9)).isInstanceOf(StateVersionException.class);
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> E undeclared(Throwable thrown) throws E {
    throw (E) thrown;
  }

  /** What a failure says of itself is code as well. */
  @Test
  void aFailureOfAListenerThatCannotBeShownChangesNothing() {
    ActivityListener failing = activity -> failure -> {
      throw new IllegalStateException() {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
          throw new UnsupportedOperationException("no words");
        }
      };
    };
    try (StateStore store =
        StateStore.builder(database.dataSource()).listener(failing).build()) {
      assertThat(store.state("activities", "speechless").set("a", json(1))).isEqualTo(1);
    }
  }

  /** Without a listener no object stands between a state and its access, so nothing is called and nothing allocated. */
  @Test
  void withoutAListenerThereIsNothingThatCouldCost() {
    Access access = (Access) Proxy.newProxyInstance(
        Access.class.getClassLoader(),
        new Class<?>[] {Access.class},
        (proxy, method, arguments) -> {
          throw new IllegalStateException("is not called");
        });
    assertThat(ObservedAccess.of(null, new StateId("a", "b"), access)).isSameAs(access);
    try (StateStore store = StateStore.builder(database.dataSource()).build()) {
      assertThat(store.activities()).isEmpty();
    }
    try (StateStore store =
        StateStore.builder(database.dataSource()).listener(listener).build()) {
      assertThat(store.activities()).as("a control").isPresent();
      assertThat(ObservedAccess.of(store.activities().orElseThrow(), new StateId("a", "b"), access))
          .isInstanceOf(ObservedAccess.class);
    }
  }
}
