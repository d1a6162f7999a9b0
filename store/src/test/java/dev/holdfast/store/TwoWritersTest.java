package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.Transaction;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Two stores, as two processes have them, append to the same lists, and neither is wrong about what it appends to. */
@HoldfastTest
@Tag("G2")
final class TwoWritersTest {

  private static final int CALLS = 400;

  /** The rows of the transaction are written by then. */
  private static final String FAILS_AT_COMMIT = """
      CREATE TEMPORARY TABLE IF NOT EXISTS once (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED);
      INSERT INTO once VALUES (1), (1)""";

  private static final List<String> LISTS = List.of("messages", "log");

  private final TestDatabase database;

  @AutoClose
  private final TestingStore one;

  @AutoClose
  private final TestingStore two;

  TwoWritersTest(TestDatabase database) {
    this.database = database;
    this.one = TestingStore.on(database, settings -> settings.deltasPerSnapshot(4));
    this.two = TestingStore.on(database, settings -> settings.deltasPerSnapshot(4));
  }

  /** The calls of both, in bursts of one or the other, against a model of what they make. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void whatBothWroteIsThere(int run) {
    writeByTurns(run, false);
  }

  /** The times of the versions are counted then and not drawn, and one that was rolled back is given out again. */
  @ParameterizedTest
  @ValueSource(ints = {4, 5})
  void whatBothWroteIsThereWhereTheClockStandsBehind(int run) {
    writeByTurns(run, true);
  }

  private void writeByTurns(int run, boolean clockStandsBehind) {
    Random random = new Random(Seed.next("two-writers-" + run));
    String name = TestingStore.newName();
    List<StateStore> stores = List.of(one.store(), two.store());
    Map<String, JsonNode> model = new TreeMap<>();
    int number = 0;
    while (number < CALLS) {
      StateStore store = stores.get(random.nextInt(2));
      State<JsonNode> writer = store.state("test", name);
      for (int burst = 1 + random.nextInt(8); burst > 0; burst--) {
        State<JsonNode> any = stores.get(random.nextInt(2)).state("test", name);
        call(random, store, writer, any, model, ++number);
        assertThat(writer.version()).isEqualTo(number);
      }
      if (clockStandsBehind) {
        database.execute("""
            UPDATE holdfast.state SET changed_at = clock_timestamp() + interval '1 hour'
            WHERE namespace = 'test' AND name = '%s' AND changed_at <= clock_timestamp()""".formatted(name));
      }
      ObjectNode expected = JsonNodeFactory.instance.objectNode();
      expected.setAll(model);
      assertThat(stores.get(random.nextInt(2)).state("test", name).snapshot().toJson())
          .isEqualTo(expected);
    }
  }

  /** Makes one version, whatever it does. */
  private static void call(
      Random random,
      StateStore store,
      State<JsonNode> state,
      State<JsonNode> any,
      Map<String, JsonNode> model,
      int number) {
    String list = LISTS.get(random.nextInt(2));
    switch (random.nextInt(18)) {
      case 0 -> {
        state.set(list, json(List.of(number)));
        model.put(list, json(List.of(number)));
      }
      case 1 -> {
        state.update(Map.of("phase", json(number), list, json(List.of())));
        model.put("phase", json(number));
        model.put(list, json(List.of()));
      }
      case 2 -> {
        state.set("phase", json(number));
        model.put("phase", json(number));
      }
      case 3 -> {
        state.apply(Changes.<JsonNode>delete(list).andSet("phase", json(number)));
        model.remove(list);
        model.put("phase", json(number));
      }
      case 4 -> {
        state.append(list, "patched");
        append(model, list, json("patched"));
      }
      case 5 -> {
        state.apply(Changes.<JsonNode>append("messages", number).andAppend("log", number));
        append(model, "messages", json(number));
        append(model, "log", json(number));
      }
      case 6 -> {
        store.transaction(
            Isolation.READ_COMMITTED,
            tx -> tx.state("test", state.id().name()).append(list, number));
        append(model, list, json(number));
      }
      case 7 -> {
        model.putIfAbsent(list, json(List.of()));
        ArrayNode longer = ((ArrayNode) model.get(list)).deepCopy().add(number);
        state.compute(list, before -> longer);
        model.put(list, longer);
      }
      case 8, 9 -> {
        store.transaction(Isolation.SERIALIZABLE, tx -> {
          State<JsonNode> inside = tx.state("test", state.id().name());
          inside.append("messages", number);
          inside.append("log", number);
          return inside.append(list, -number);
        });
        append(model, "messages", json(number));
        append(model, "log", json(number));
        append(model, list, json(-number));
      }
      case 10 -> {
        // What was sent and rolled back must not be remembered.
        assertThatThrownBy(() -> store.transaction(Isolation.READ_COMMITTED, tx -> {
              tx.state("test", state.id().name()).append(list, "lost");
              return failAtCommit(tx);
            }))
            .isInstanceOf(HoldfastException.class);
        if (random.nextInt(4) == 0) {
          state.append(list, number);
          append(model, list, json(number));
        } else {
          any.set(list, json(List.of(number)));
          model.put(list, json(List.of(number)));
        }
      }
      case 11 -> {
        store.transaction(Isolation.READ_COMMITTED, tx -> {
          State<JsonNode> inside = tx.state("test", state.id().name());
          inside.set(list, json(List.of()));
          inside.append(list, number);
          return inside.append(list, -number);
        });
        model.put(list, json(List.of(number, -number)));
      }
      default -> {
        state.apply(Changes.<JsonNode>append(list, number).andSet("phase", json(number)));
        append(model, list, json(number));
        model.put("phase", json(number));
      }
    }
  }

  private static int failAtCommit(Transaction transaction) throws SQLException {
    try (Statement statement = transaction.connection().createStatement()) {
      return statement.executeUpdate(FAILS_AT_COMMIT);
    }
  }

  private static void append(Map<String, JsonNode> model, String list, JsonNode element) {
    ArrayNode longer = model.containsKey(list)
        ? ((ArrayNode) model.get(list)).deepCopy()
        : JsonNodeFactory.instance.arrayNode();
    model.put(list, longer.add(element));
  }

  @Test
  void nothingIsLostOrDoubledWhenBothWriteAtOnce() throws Exception {
    String name = TestingStore.newName();
    List<Callable<?>> writers = new ArrayList<>();
    for (int writer = 0; writer < 6; writer++) {
      State<JsonNode> state = (writer % 2 == 0 ? one : two).store().state("test", name);
      String prefix = writer + "-";
      writers.add(() -> {
        for (int i = 0; i < 60; i++) {
          state.apply(Changes.<JsonNode>append("messages", prefix + i).andSet("phase", json(i)));
        }
        return null;
      });
    }

    Concurrently.run(writers);

    State<JsonNode> state = one.store().state("test", name);
    List<String> elements = new ArrayList<>();
    state.get("messages").orElseThrow().forEach(element -> elements.add(element.stringValue()));
    assertThat(elements).hasSize(6 * 60).doesNotHaveDuplicates();
    for (int writer = 0; writer < 6; writer++) {
      String prefix = writer + "-";
      List<String> own = elements.stream().filter(e -> e.startsWith(prefix)).toList();
      List<String> inOrder = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        inOrder.add(prefix + i);
      }
      assertThat(own).isEqualTo(inOrder);
    }
    assertThat(state.version()).isEqualTo(6 * 60);
  }
}
