package dev.holdfast.examples.airline;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Holdfast;
import dev.holdfast.examples.airline.SharedWrite.ReservationWrite;
import dev.holdfast.store.State;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@HoldfastTest
final class LedgerTest {

  private final Holdfast holdfast;
  private final Tally tally = new Tally();
  private final Ledger ledger;

  LedgerTest(TestDatabase database) {
    this.holdfast = Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.user(), database.password())
        .maximumPoolSize(9)
        .build();
    ObjectNode seed = (ObjectNode) Json.parse("{\"cabin\": \"economy\", \"bags\": 1}");
    this.ledger = new Ledger(
        holdfast, new Namespaces("ledger"), Map.of("seeded", seed, "contended", seed), tally);
  }

  @AfterEach
  void close() {
    holdfast.close();
  }

  @Test
  void seedsOnceAndWritesOnce() {
    SharedWrite write = write("seeded", 4, "bags", 2);
    ledger.seed(write);
    ledger.seed(write);
    record(write);

    State<JsonNode> state = state("seeded");
    assertThat(state.version()).isEqualTo(2);
    assertThat(state.get("cabin")).contains(json("economy"));
    assertThat(state.get("bags")).contains(json(2));
    assertThat(tally.changeSets()).isEqualTo(1);
  }

  @Test
  void aWriteThatSaysTheSameLeavesItsMark() {
    record(write("same", 1, "bags", 2));
    record(write("same", 2, "bags", 2));
    assertThat(state("same").version()).isEqualTo(2);
    assertThat(state("same").keys()).containsExactly("applied:r:0001", "applied:r:0002", "bags");
  }

  @Test
  void manyThreadsSeedOnceAndLoseNoWrite() throws Exception {
    int writes = 80;
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < writes; i++) {
      SharedWrite write = write("contended", i, "bags", i);
      futures.add(threads.submit(() -> {
        ledger.seed(write);
        record(write);
      }));
    }
    for (Future<?> future : futures) {
      future.get();
    }
    threads.shutdown();
    assertThat(state("contended").version()).isEqualTo(writes + 1);
    assertThat(tally.changeSets()).isEqualTo(1);
    assertThat(state("contended").keys()).hasSize(writes + 2);
  }

  private void record(SharedWrite write) {
    holdfast.transaction(Isolation.READ_COMMITTED, tx -> {
      ledger.record(tx, "run a", write);
      return write.state();
    });
  }

  private State<JsonNode> state(String name) {
    return holdfast.state("ledger.reservations", name);
  }

  private static SharedWrite write(String reservation, int position, String field, int value) {
    CallMark mark = new CallMark("r", position, "update_reservation_baggages", "same id");
    return new ReservationWrite(mark, reservation, null, Map.of(field, json(value)));
  }
}
