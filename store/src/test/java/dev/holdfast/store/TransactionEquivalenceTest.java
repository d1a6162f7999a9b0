package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.json.MergePatch;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.Transaction;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * The same random calls go to a state within transactions, some of them inside savepoints that fail, and to a state of its own outside of
 * any: after every call both must read the same, and after every transaction what is stored must be the same too.
 */
@HoldfastTest
@Tag("G3")
final class TransactionEquivalenceTest {

  private static final int TRANSACTIONS = 30;
  private static final int MAX_CALLS = 12;
  private static final List<String> KEYS = List.of("a", "b", "c", "list");

  @AutoClose
  private final TestingStore testing;

  private final String name = TestingStore.newName();
  private final State<JsonNode> plain;
  private int calls;

  TransactionEquivalenceTest(TestDatabase database) {
    this.testing = TestingStore.on(database, settings -> settings.deltasPerSnapshot(3));
    this.plain = testing.state();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void readsAndStoresTheSame(int run) {
    Random random = new Random(Seed.next("transaction-equivalence-" + run));
    // Clearing a state that was never written says version 0, and the first transaction may be
    // undone.
    plain.set("a", json(0));
    testing.store().state("test", name).set("a", json(0));
    for (int i = 0; i < TRANSACTIONS; i++) {
      boolean commits = random.nextInt(4) > 0;
      long before = plain.version();
      boolean committed = isCommitted(random, commits);
      if (!committed) {
        plain.rollback(Math.min(before, plain.version()));
      }
      requireSame(testing.store().state("test", name));
    }
    assertThat(calls).as("calls made").isGreaterThan(TRANSACTIONS * MAX_CALLS / 4);
  }

  private boolean isCommitted(Random random, boolean commits) {
    try {
      testing.store().transaction(Isolation.READ_COMMITTED, tx -> {
        several(random, tx, 2);
        if (!commits) {
          throw new Undone();
        }
        return true;
      });
      return true;
    } catch (Undone e) {
      return false;
    }
  }

  private void several(Random random, Transaction tx, int depth) {
    State<JsonNode> state = tx.state("test", name);
    int number = random.nextInt(MAX_CALLS);
    for (int i = 0; i < number; i++) {
      if (depth > 0 && random.nextInt(5) == 0) {
        inSavepoint(random, tx, depth - 1);
      } else {
        Call call = call(random);
        assertThat(outcome(call, state)).as("outcome").isEqualTo(outcome(call, plain));
        calls++;
      }
      requireSame(state);
    }
  }

  private void inSavepoint(Random random, Transaction tx, int depth) {
    boolean fails = random.nextBoolean();
    long before = plain.version();
    try {
      tx.savepoint(inner -> {
        several(random, inner, depth);
        if (fails) {
          throw new Undone();
        }
        return true;
      });
    } catch (Undone e) {
      if (plain.version() > before) {
        plain.rollback(before);
      }
    }
  }

  private void requireSame(State<JsonNode> state) {
    assertThat(state.snapshot().toJson()).isEqualTo(plain.snapshot().toJson());
    assertThat(state.keys()).isEqualTo(plain.keys());
    for (String key : KEYS) {
      assertThat(state.get(key)).isEqualTo(plain.get(key));
      assertThat(state.has(key)).isEqualTo(plain.has(key));
    }
  }

  /** What a call returned that does not speak of versions, or why it was refused. */
  private static Optional<Object> outcome(Call call, State<JsonNode> state) {
    try {
      return Optional.ofNullable(call.on(state));
    } catch (HoldfastException e) {
      return Optional.of(e.code());
    }
  }

  private static Call call(Random random) {
    String key = KEYS.get(random.nextInt(KEYS.size()));
    int number = random.nextInt(100);
    return switch (random.nextInt(11)) {
      case 0 -> state -> discard(state.set(key, json(number)));
      case 1 -> state -> discard(state.set("list", json(List.of(number))));
      case 2 ->
        state -> discard(state.update(Map.of("a", json(number), "c", json(Map.of("n", number)))));
      case 3 -> state -> state.delete(key);
      case 4 -> state -> discard(appended(state, number));
      case 5 ->
        state -> state.compute(key, value -> number % 3 == 0 ? null : json(List.of(number)));
      case 6 -> state -> state.putIfAbsent(key, json(number));
      case 7 -> state -> state.increment(key, number);
      case 8 -> state -> discard(state.patch(key, MergePatch.parse("{\"m\":" + number + "}")));
      case 9 ->
        state -> discard(state.patch(
            key, JsonPatch.parse("[{\"op\":\"add\",\"path\":\"/m\",\"value\":" + number + "}]")));
      default -> state -> number < 20 ? discard(state.clear()) : discard(appended(state, number));
    };
  }

  /** An append to what is no array fails at once outside of a transaction and at its end within; so it is made to be one. */
  private static long appended(State<JsonNode> state, int number) {
    if (state.get("list").filter(JsonNode::isArray).isEmpty()) {
      state.set("list", json(List.of()));
    }
    return state.append("list", number);
  }

  private static boolean discard(long version) {
    return version > 0;
  }

  private interface Call {
    Object on(State<JsonNode> state);
  }

  private static final class Undone extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
