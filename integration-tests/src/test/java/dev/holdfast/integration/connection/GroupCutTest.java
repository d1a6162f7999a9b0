package dev.holdfast.integration.connection;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Holdfast;
import dev.holdfast.error.TransientException;
import dev.holdfast.store.State;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * The connection of a message that carries the writes of many callers breaks: every caller is told what became of its own write. What is
 * reported as done is there once, at the version that was returned; what is reported as not done is not there, then or later.
 */
@HoldfastTest
@Tag("G2")
@Tag("G4")
final class GroupCutTest {

  private static final int ROUNDS = Integer.getInteger("holdfast.groupCuts", 8);
  private static final int CALLERS = 24;
  private static final int STATES = 5;

  private final TestingProxy proxy;
  private final Holdfast holdfast;
  private final ExecutorService threads = Executors.newFixedThreadPool(CALLERS);

  GroupCutTest(TestDatabase database) {
    this.proxy = TestingProxy.to(database);
    this.holdfast = Holdfast.builder()
        .jdbcUrl(proxy.jdbcUrl(), database.libraryUser(), database.libraryPassword())
        .maximumPoolSize(4)
        .build();
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    holdfast.close();
    proxy.close();
  }

  private static boolean isShared(String sql) {
    return sql.contains("held AS MATERIALIZED");
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void everyCallerIsToldWhatBecameOfItsOwn(Cut cut) throws Exception {
    List<State<JsonNode>> states = IntStream.range(0, STATES)
        .mapToObj(i -> holdfast.state(cut.name(), "state-" + i))
        .toList();
    states.forEach(state -> state.set("list", json(List.of())));
    Map<String, OptionalLong> reports = new LinkedHashMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      proxy.cutNext(cut, GroupCutTest::isShared);
      reports.putAll(writeAll(states, round));
      assertThat(proxy.isArmed()).as("the cut happened in round %d", round).isFalse();
      assertReported(states, reports);
    }
    if (cut == Cut.BEFORE_LATE_REQUEST) {
      proxy.deliver();
      assertReported(states, reports);
    }
    long refused = reports.values().stream().filter(OptionalLong::isEmpty).count();
    System.out.printf(
        "%d messages cut %s: %d of %d writes did not happen%n",
        ROUNDS, cut, refused, reports.size());

    // The controls: a lost request and a lost reply look the same from here, and a message carried
    // more than one write.
    switch (cut) {
      case BEFORE_REQUEST, BEFORE_LATE_REQUEST -> assertThat(refused).isGreaterThan(2L * ROUNDS);
      // A message leaves out what is locked at that moment. Whoever did not get the answer that
      // says
      // so is told that nothing was written.
      case BEFORE_REPLY -> assertThat(refused).isLessThan(ROUNDS);
      default -> assertThat(cut).isEqualTo(Cut.AFTER_REQUEST);
    }
  }

  /** One write by each caller, all at the same moment; what each was told, by its name. */
  private Map<String, OptionalLong> writeAll(List<State<JsonNode>> states, int round)
      throws Exception {
    CyclicBarrier start = new CyclicBarrier(CALLERS);
    Map<String, Future<OptionalLong>> writes = new LinkedHashMap<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      String name = round + "." + caller;
      State<JsonNode> state = states.get(caller % STATES).by(name);
      boolean appends = caller % 2 == 0;
      writes.put(name, threads.submit(() -> {
        start.await();
        return write(state, name, appends);
      }));
    }
    Map<String, OptionalLong> reports = new LinkedHashMap<>();
    for (Map.Entry<String, Future<OptionalLong>> write : writes.entrySet()) {
      reports.put(write.getKey(), write.getValue().get(60, TimeUnit.SECONDS));
    }
    return reports;
  }

  private static OptionalLong write(State<JsonNode> state, String name, boolean appends) {
    try {
      return OptionalLong.of(appends ? state.append("list", name) : state.set("key", json(name)));
    } catch (TransientException e) {
      return OptionalLong.empty();
    }
  }

  private static void assertReported(
      List<State<JsonNode>> states, Map<String, OptionalLong> reports) {
    Map<String, List<Long>> found = new LinkedHashMap<>();
    for (State<JsonNode> state : states) {
      for (Change<JsonNode> change : state.history(History.all().limit(10_000))) {
        change
            .actor()
            .ifPresent(actor ->
                found.computeIfAbsent(actor, none -> new ArrayList<>()).add(change.version()));
      }
    }
    reports.forEach((name, version) -> assertThat(found.getOrDefault(name, List.of()))
        .as("what %s, told %s, wrote", name, version)
        .isEqualTo(version.isPresent() ? List.of(version.getAsLong()) : List.of()));
    assertThat(reports).containsKeys(found.keySet().toArray(new String[0]));
  }
}
