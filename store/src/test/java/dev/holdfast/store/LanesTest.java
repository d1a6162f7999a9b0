package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.TransientException;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.TransactionOptions;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Writers of states that are free, or new, while more states than there are places to wait are locked elsewhere. */
@HoldfastTest
@Tag("G2")
@Timeout(180)
@SuppressWarnings("try") // A lock is held for its time and never looked at.
final class LanesTest {

  private static final TransactionOptions OPTIONS = TransactionOptions.of(Isolation.READ_COMMITTED);

  /** Places to wait, with the one for turns. */
  private static final long PLACES = 4;

  private final TestDatabase database;
  private final TestingDoor door = new TestingDoor();
  private final TestingStore store;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  LanesTest(TestDatabase database) {
    this.database = database;
    this.store = TestingStore.behind(door, database, settings -> settings);
  }

  @AfterEach
  void close() {
    door.open();
    threads.shutdownNow();
    store.close();
  }

  @Test
  void newStatesAreWrittenWhileSixOthersAreLocked() throws Exception {
    List<State<JsonNode>> locked = states(6);
    List<Future<Long>> stuck;
    try (TestingLock lock = new TestingLock(database, locked)) {
      stuck = writeEach(locked);
      awaitHeld(2);

      List<Future<Long>> free = door.holdBack(threads, 12, i -> store.state().set("key", json(i)));

      for (Future<Long> write : free) {
        assertThat(write.get(10, TimeUnit.SECONDS)).isOne();
      }
      assertThat(stuck).noneMatch(Future::isDone);
    }
    assertWritten(stuck, 2);
  }

  @Test
  void aStateThatIsFreeAgainIsWrittenWhileOthersAreLocked() throws Exception {
    List<State<JsonNode>> locked = states(8);
    List<State<JsonNode>> freed = states(3);
    List<Future<Long>> stuck;
    try (TestingLock lock = new TestingLock(database, locked)) {
      stuck = writeEach(locked);
      awaitHeld(2);
      List<Future<Long>> late = new ArrayList<>();
      try (TestingLock other = new TestingLock(database, freed)) {
        for (int i = 0; i < 5; i++) {
          late.addAll(writeEach(freed));
        }
        awaitHeld(20);
        assertThat(late).noneMatch(Future::isDone);
      }
      for (Future<Long> write : late) {
        assertThat(write.get(10, TimeUnit.SECONDS)).isBetween(2L, 6L);
      }
      assertThat(stuck).noneMatch(Future::isDone);
    }
    assertWritten(stuck, 2);
    assertThat(freed).allSatisfy(state -> assertThat(state.version()).isEqualTo(6));
  }

  /** More connections than that would be taken from a small pool. */
  @Test
  void noMoreConnectionsWaitThanThereArePlaces() throws Exception {
    List<State<JsonNode>> locked = states(12);
    List<Future<?>> stuck = new ArrayList<>();
    try (TestingLock lock = new TestingLock(database, locked)) {
      for (State<JsonNode> state : locked) {
        stuck.add(threads.submit(() -> state.set("key", json(1))));
        for (int i = 0; i < 4; i++) {
          stuck.add(threads.submit(() -> state.delete("absent")));
        }
      }
      awaitHeld(60);
      Awaitility.await()
          .during(Duration.ofSeconds(1))
          .until(() -> TestingLock.waiting(database) <= PLACES);
      assertThat(stuck).noneMatch(Future::isDone);
    }
    for (Future<?> write : stuck) {
      write.get(60, TimeUnit.SECONDS);
    }
    assertThat(locked).allSatisfy(state -> assertThat(state.version()).isEqualTo(2));
  }

  @Test
  void aTransactionDoesNotHoldUpNewStatesThatItWaitsFor() {
    List<State<JsonNode>> states = states(6);
    List<Future<Long>> waiting = new ArrayList<>();
    store.store().transaction(OPTIONS, tx -> {
      states.forEach(state -> tx.state("test", state.id().name()).set("key", json(1)));
      waiting.addAll(writeEach(states));
      awaitHeld(2);
      List<Future<Long>> free = door.holdBack(threads, 6, i -> store.state().set("key", json(i)));
      Awaitility.await().until(() -> free.stream().allMatch(Future::isDone));
      return 0;
    });
    Awaitility.await().until(() -> waiting.stream().allMatch(Future::isDone));
    assertThat(states).allSatisfy(state -> assertThat(state.version()).isEqualTo(3));
  }

  /** Only a statement that waits can tell whether a state that another transaction is making will be there. */
  @Test
  void statesThatOthersAreMakingHoldUpNobodyElse() throws Exception {
    List<State<JsonNode>> locked = states(4);
    List<State<JsonNode>> made =
        IntStream.range(0, 3).mapToObj(i -> store.state()).toList();
    List<State<JsonNode>> unmade =
        IntStream.range(0, 3).mapToObj(i -> store.state()).toList();
    List<Future<Long>> stuck;
    List<Future<Long>> late = new ArrayList<>();
    try (TestingLock lock = new TestingLock(database, locked);
        TestingLock making = new TestingLock(database, List.of());
        TestingLock unmaking = new TestingLock(database, List.of())) {
      stuck = writeEach(locked);
      awaitHeld(1);
      making.make(made);
      unmaking.make(unmade);
      late.addAll(writeEach(made));
      late.addAll(writeEach(unmade));
      awaitHeld(12);
      for (Future<Long> write : door.holdBack(threads, 6, i -> store.state().set("key", json(i)))) {
        assertThat(write.get(10, TimeUnit.SECONDS)).isOne();
      }
      assertThat(late).noneMatch(Future::isDone);
      making.commit();
      unmaking.rollBack();
      for (Future<Long> write : late) {
        assertThat(write.get(10, TimeUnit.SECONDS)).isOne();
      }
      assertThat(stuck).noneMatch(Future::isDone);
    }
    assertWritten(stuck, 2);
  }

  @Test
  @Tag("G4")
  void whoRestsInALaneGivesUpInTime() throws Exception {
    try (TestingStore impatient =
        TestingStore.on(database, settings -> settings.writeQueueTimeout(Duration.ofSeconds(1)))) {
      List<State<JsonNode>> locked = states(6);
      List<State<JsonNode>> mine = locked.stream()
          .map(state -> impatient.store().state("test", state.id().name()))
          .toList();
      try (TestingLock lock = new TestingLock(database, locked)) {
        List<Future<Long>> stuck = writeEach(mine);
        Awaitility.await().until(() -> stuck.stream().filter(Future::isDone).count() >= 2);
        for (Future<Long> write : stuck) {
          if (write.isDone()) {
            assertThatThrownBy(write::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(TransientException.class)
                .hasMessageContaining("queued for longer than PT1S");
          }
        }
      }
      assertThat(impatient.state().set("key", json(1))).isOne();
    }
  }

  @Test
  void everyCallerGetsOneAnswerWhileLocksComeAndGo() throws Exception {
    long seed = Seed.next("everyCallerGetsOneAnswerWhileLocksComeAndGo");
    List<State<JsonNode>> states = states(10);
    List<State<JsonNode>> fresh = new ArrayList<>();
    Map<String, Long> returned = new ConcurrentHashMap<>();
    AtomicInteger left = new AtomicInteger(16);
    List<Callable<?>> work = new ArrayList<>();
    for (int writer = 0; writer < 16; writer++) {
      Random random = new Random(seed + writer);
      String name = "writer-" + writer;
      State<JsonNode> own = store.state();
      fresh.add(own);
      work.add(() -> {
        for (int i = 0; i < 40; i++) {
          int place = random.nextInt(11);
          State<JsonNode> state = place == 10 ? own : states.get(place);
          String actor = name + "-" + i;
          long version = random.nextBoolean()
              ? state.by(actor).set("key", json(i))
              : state.by(actor).append("list", i);
          assertThat(returned.put(state.id() + " " + actor, version)).isNull();
        }
        left.decrementAndGet();
        return null;
      });
    }
    for (int locker = 0; locker < 6; locker++) {
      Random random = new Random(seed - 1 - locker);
      work.add(() -> {
        while (left.get() > 0) {
          try (TestingLock lock = new TestingLock(database, states.get(random.nextInt(10)))) {
            // Nothing is waited for: this is for how long it is locked.
            TimeUnit.MILLISECONDS.sleep(random.nextInt(150));
          }
        }
        return null;
      });
    }

    Concurrently.run(work);

    int changes = 0;
    List<State<JsonNode>> all = new ArrayList<>(states);
    all.addAll(fresh);
    for (State<JsonNode> state : all) {
      Set<Long> versions = new HashSet<>();
      for (Change<JsonNode> change : state.history(History.all().limit(10_000)).changes()) {
        versions.add(change.version());
        change
            .actor()
            .ifPresent(actor ->
                assertThat(returned.get(state.id() + " " + actor)).isEqualTo(change.version()));
      }
      changes += versions.size();
      assertThat(versions)
          .containsExactlyInAnyOrderElementsOf(
              LongStream.rangeClosed(1, state.version()).boxed().toList());
    }
    assertThat(changes).isEqualTo(10 + 16 * 40);
    assertThat(store.store().groupCommitMetrics().held()).as("the load").isGreaterThan(20);
  }

  private List<State<JsonNode>> states(int count) {
    List<State<JsonNode>> states =
        IntStream.range(0, count).mapToObj(i -> store.state()).toList();
    states.forEach(state -> state.set("key", json(0)));
    return states;
  }

  private List<Future<Long>> writeEach(List<State<JsonNode>> states) {
    List<Future<Long>> writes = new ArrayList<>();
    states.forEach(state -> writes.add(threads.submit(() -> state.set("key", json(1)))));
    return writes;
  }

  private static void assertWritten(List<Future<Long>> writes, long version) throws Exception {
    for (Future<Long> write : writes) {
      assertThat(write.get(60, TimeUnit.SECONDS)).isEqualTo(version);
    }
  }

  private void awaitHeld(int sets) {
    Awaitility.await().until(() -> store.store().groupCommitMetrics().held() >= sets);
  }
}
