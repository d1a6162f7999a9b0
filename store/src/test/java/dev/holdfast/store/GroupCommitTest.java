package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.TransientException;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
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
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Writers that share messages, and what must not be seen of it. */
@HoldfastTest
@Tag("G2")
@SuppressWarnings("try") // A lock is held for its time and never looked at.
final class GroupCommitTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final TestDatabase database;
  private final TestingDoor door = new TestingDoor();
  private final TestingStore store;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  GroupCommitTest(TestDatabase database) {
    this.database = database;
    this.store = TestingStore.behind(door, database, settings -> settings.deltasPerSnapshot(3));
  }

  @AfterEach
  void close() {
    door.open();
    threads.shutdownNow();
    store.close();
  }

  @Test
  void everyCallerGetsTheVersionOfItsOwnChange() throws Exception {
    long seed = Seed.next("everyCallerGetsTheVersionOfItsOwnChange");
    List<State<JsonNode>> states = states(8);
    Map<String, Long> returned = new ConcurrentHashMap<>();
    List<Callable<?>> writers = new ArrayList<>();
    for (int writer = 0; writer < 24; writer++) {
      Random random = new Random(seed + writer);
      String name = "writer-" + writer;
      writers.add(() -> {
        for (int i = 0; i < 40; i++) {
          State<JsonNode> state = states.get(random.nextBoolean() ? 0 : random.nextInt(8));
          String actor = name + "-" + i;
          returned.put(state.id() + " " + actor, write(state.by(actor), random, actor));
        }
        return null;
      });
    }

    Concurrently.run(writers);

    int changes = 0;
    for (State<JsonNode> state : states) {
      List<Change<JsonNode>> history =
          state.history(History.all().limit(10_000)).changes();
      Set<Long> versions = new HashSet<>();
      for (Change<JsonNode> change : history) {
        versions.add(change.version());
        String actor = change.actor().orElseThrow();
        assertThat(returned.get(state.id() + " " + actor)).as(actor).isEqualTo(change.version());
      }
      changes += versions.size();
      assertThat(versions).hasSize((int) state.version());
    }
    assertThat(changes).isEqualTo(24 * 40);
    assertShared();
  }

  private static long write(State<JsonNode> state, Random random, String actor) {
    return switch (random.nextInt(4)) {
      case 0 -> state.set("key", json(actor));
      case 1 -> state.append("list", actor);
      case 2 -> state.update(Map.of("a", json(actor), "b", json(actor)));
      default ->
        state.apply(Changes.<JsonNode>append("messages", actor).andSet("phase", json(actor)));
    };
  }

  /** Without it a test would say nothing about sharing. */
  private void assertShared() {
    GroupCommitMetrics metrics = store.store().groupCommitMetrics();
    assertThat(metrics.changeSets()).as("%s", metrics).isGreaterThan(metrics.messages());
  }

  /** A message that finds a state locked by another one says so. */
  @Test
  void messagesThatAreUnderWayTogetherDoNotMeetAtAState() throws Exception {
    long seed = Seed.next("messagesThatAreUnderWayTogetherDoNotMeetAtAState");
    List<State<JsonNode>> states = states(40);
    states.forEach(state -> state.set("key", json(0)));
    List<Callable<?>> writers = new ArrayList<>();
    for (int writer = 0; writer < 64; writer++) {
      Random random = new Random(seed + writer);
      writers.add(() -> {
        for (int i = 0; i < 25; i++) {
          states.get(random.nextBoolean() ? 0 : random.nextInt(40)).set("key", json(i));
        }
        return null;
      });
    }

    Concurrently.run(writers);

    assertThat(states.stream().mapToLong(State::version).sum()).isEqualTo(40 + 64 * 25);
    assertThat(store.store().groupCommitMetrics().held()).isZero();
    assertShared();
  }

  private List<State<JsonNode>> states(int count) {
    return IntStream.range(0, count).mapToObj(i -> store.state()).toList();
  }

  @Test
  void appendsToOneKeyFollowEachOtherInOneMessage() throws Exception {
    State<JsonNode> state = store.state();
    state.set("list", json(List.of()));

    List<Future<Long>> appends = door.holdBack(threads, 30, i -> state.append("list", i));
    Set<Long> versions = new HashSet<>();
    for (Future<Long> append : appends) {
      versions.add(append.get(60, TimeUnit.SECONDS));
    }

    assertThat(versions).hasSize(30);
    List<Integer> elements = new ArrayList<>();
    state.get("list").orElseThrow().forEach(element -> elements.add(element.intValue()));
    assertThat(elements)
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 30).boxed().toList());
    assertShared();
  }

  @Test
  void whatIsWrongWithOneIsNothingToTheOthers() throws Exception {
    List<State<JsonNode>> states = states(4);
    for (State<JsonNode> state : states) {
      state.set("text", json("no array"));
      state.set("guarded", json(0));
    }

    List<Future<Long>> writes = door.holdBack(threads, 40, i -> {
      State<JsonNode> state = states.get(i / 5 % 4);
      return switch (i % 5) {
        case 0 -> state.compareAndSet(1, Changes.set("guarded", json("never")));
        case 1 -> state.append("text", "never");
        case 2 -> state.delete("absent") ? -1 : 0;
        case 3 -> store.state().set("first", json("of a new state"));
        default -> state.set("plain", json(i));
      };
    });

    for (int i = 0; i < 40; i++) {
      Future<Long> write = writes.get(i);
      switch (i % 5) {
        case 0 -> assertFails(write, ConflictException.class);
        case 1 -> assertFails(write, ValueTypeException.class);
        case 2 -> assertThat(write.get(60, TimeUnit.SECONDS)).isZero();
        case 3 -> assertThat(write.get(60, TimeUnit.SECONDS)).isOne();
        default -> assertThat(write.get(60, TimeUnit.SECONDS)).isBetween(3L, 4L);
      }
    }
    assertThat(states).allSatisfy(state -> assertThat(state.version()).isEqualTo(4));
    assertShared();
  }

  private static void assertFails(Future<?> write, Class<? extends Exception> failure) {
    assertThatThrownBy(() -> write.get(60, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(failure);
  }

  @Test
  void aStateThatIsLockedElsewhereHoldsUpNobodyElse() throws Exception {
    State<JsonNode> locked = store.state();
    List<State<JsonNode>> others = states(5);
    locked.set("key", json(0));
    others.forEach(other -> other.set("key", json(0)));
    List<Future<Long>> stuck = new ArrayList<>();

    try (TestingLock lock = new TestingLock(database, locked)) {
      for (int i = 0; i < 6; i++) {
        int number = i;
        stuck.add(threads.submit(() -> locked.set("key-" + number % 3, json(number))));
        stuck.add(threads.submit(() -> locked.append("list", number)));
      }
      List<Callable<?>> work = new ArrayList<>();
      for (State<JsonNode> other : others) {
        work.addAll(Concurrently.repeat(3, 20, () -> other.set("key", json(1))));
        work.addAll(Concurrently.repeat(3, 20, () -> locked.version()));
      }
      Concurrently.run(work);
      assertThat(stuck).noneMatch(Future::isDone);
    }

    Set<Long> versions = new HashSet<>();
    for (Future<Long> write : stuck) {
      versions.add(write.get(60, TimeUnit.SECONDS));
    }
    assertThat(versions)
        .containsExactlyInAnyOrderElementsOf(
            LongStream.rangeClosed(2, 13).boxed().toList());
    assertThat(others).allSatisfy(other -> assertThat(other.version()).isEqualTo(61));
  }

  /** Who went to rest behind a message of several is behind one that waits for a lock, when that is too large to share its message. */
  @Test
  void whoIsQueuedBehindALargeChangeSetIsNotHeldUpByItsLock() throws Exception {
    List<State<JsonNode>> states = states(4);
    State<JsonNode> locked = store.state();
    locked.set("key", json(0));
    states.forEach(state -> state.set("key", json(0)));
    Map<String, JsonNode> many = new HashMap<>();
    IntStream.range(0, 2_000).forEach(i -> many.put("key-" + i, json(i)));
    holdUpAMessageOfTwo(states);

    Future<Long> large = threads.submit(() -> locked.update(many));
    TimeUnit.MILLISECONDS.sleep(100); // Until it is queued, which nothing shows.
    Future<Long> small = threads.submit(() -> states.get(3).set("key", json(1)));
    TimeUnit.MILLISECONDS.sleep(100);
    try (TestingLock lock = new TestingLock(database, locked)) {
      door.open();
      TestingLock.awaitWaiting(database, 1);
      assertThat(small.get(10, TimeUnit.SECONDS)).isEqualTo(2);
      assertThat(large).isNotDone();
    }
    assertThat(large.get(60, TimeUnit.SECONDS)).isEqualTo(2);
  }

  /** The first is sent alone, and overtaken by the two when it does not come back; they share a message if they were both queued by then. */
  private void holdUpAMessageOfTwo(List<State<JsonNode>> states) throws Exception {
    for (int attempt = 0; attempt < 20; attempt++) {
      door.shut();
      List<Future<Long>> writes = new ArrayList<>();
      writes.add(threads.submit(() -> states.get(0).set("key", json(1))));
      Awaitility.await().until(() -> door.waiting() == 1);
      writes.add(threads.submit(() -> states.get(1).set("other", json(1))));
      writes.add(threads.submit(() -> states.get(2).set("other", json(1))));
      TimeUnit.MILLISECONDS.sleep(300); // Longer than the moment after which one is overtaken.
      if (door.waiting() == 2) {
        return;
      }
      door.open();
      for (Future<Long> write : writes) {
        write.get(60, TimeUnit.SECONDS);
      }
    }
    throw new AssertionError("No two shared a message");
  }

  @Test
  void anInterruptTakesBackWhatIsQueuedAndWaitsForWhatWasSent() throws Exception {
    State<JsonNode> state = store.state();
    state.set("key", json("before"));
    AtomicReference<Object> sentResult = new AtomicReference<>();
    AtomicReference<Object> queuedResult = new AtomicReference<>();
    try (TestingLock lock = new TestingLock(database, state)) {
      Thread sent = interruptible(() -> state.set("key", json("sent")), sentResult);
      TestingLock.awaitWaiting(database, 1);
      Thread queued = interruptible(() -> state.set("key", json("queued")), queuedResult);
      Awaitility.await().until(() -> queued.getState() == Thread.State.TIMED_WAITING);
      sent.interrupt();
      queued.interrupt();
      queued.join(PATIENCE.toMillis());
      assertThat(queuedResult.get())
          .asString()
          .contains(
              "TransientException",
              "interrupted while it was queued",
              "nothing was written",
              "flag: true");
      assertThat(sentResult.get()).isNull();
    }
    Awaitility.await().atMost(PATIENCE).until(() -> sentResult.get() != null);
    assertThat(sentResult.get()).isEqualTo("2 flag: true");
    assertThat(state.get("key")).contains(json("sent"));
    assertThat(state.version()).isEqualTo(2);
    assertThat(store.store().groupCommitMetrics().withdrawn()).isOne();
  }

  private static Thread interruptible(Callable<?> work, AtomicReference<Object> result) {
    Thread thread = new Thread(() -> {
      String outcome;
      try {
        outcome = String.valueOf(work.call());
      } catch (Exception e) {
        outcome = e.toString();
      }
      result.set(outcome + " flag: " + Thread.currentThread().isInterrupted());
    });
    thread.start();
    return thread;
  }

  @Test
  void aWriteThatIsQueuedForTooLongIsTakenBack() throws Exception {
    try (TestingStore impatient =
        TestingStore.on(database, settings -> settings.writeQueueTimeout(Duration.ofMillis(300)))) {
      State<JsonNode> state = impatient.state();
      state.set("key", json(0));
      try (TestingLock lock = new TestingLock(database, state)) {
        Future<Long> first = threads.submit(() -> state.set("key", json(1)));
        TestingLock.awaitWaiting(database, 1);
        assertThatThrownBy(() -> state.set("key", json(2)))
            .isInstanceOf(TransientException.class)
            .hasMessageContaining("queued for longer than PT0.3S")
            .hasMessageContaining("nothing was written");
        assertThat(first.isDone()).isFalse();
        lock.close();
        assertThat(first.get(60, TimeUnit.SECONDS)).isEqualTo(2);
      }
      assertThat(state.version()).isEqualTo(2);
    }
  }

  @Test
  void closingSendsWhatIsQueuedAndTakesNothingNew() throws Exception {
    State<JsonNode> state = store.state();
    state.set("key", json(0));
    door.shut();
    List<Future<Long>> writes = new ArrayList<>();
    AtomicInteger started = new AtomicInteger();
    for (int i = 0; i < 20; i++) {
      int number = i;
      writes.add(threads.submit(() -> {
        started.incrementAndGet();
        return state.set("key-" + number, json(number));
      }));
    }
    Awaitility.await().until(() -> started.get() == 20 && door.waiting() > 0);
    // Between the count and the queue there is nothing to wait for; a writer that is not there yet
    // is refused below.
    Future<?> closing = threads.submit(() -> store.store().close());
    Awaitility.await().until(() -> isRefused(state));
    assertThat(closing.isDone()).isFalse();
    door.open();
    closing.get(60, TimeUnit.SECONDS);

    List<Long> versions = new ArrayList<>();
    for (Future<Long> write : writes) {
      try {
        versions.add(write.get(60, TimeUnit.SECONDS));
      } catch (ExecutionException e) {
        assertThat(e)
            .cause()
            .isInstanceOfSatisfying(
                HoldfastException.class,
                closed -> assertThat(closed.code()).isEqualTo(ErrorCode.CLOSED));
      }
    }
    Collections.sort(versions);
    assertThat(versions).hasSizeGreaterThan(10);
    assertThat(versions)
        .isEqualTo(LongStream.rangeClosed(2, versions.size() + 1).boxed().toList());
    assertThat(store.query(
            "SELECT version FROM holdfast.state WHERE state_id = ?", state.id().uuid()))
        .containsExactly(String.valueOf(versions.size() + 1));
  }

  /** A read that began before the store was closed may wait for a connection that nobody gives back. */
  private boolean isRefused(State<?> state) throws InterruptedException {
    try {
      threads.submit(state::version).get(1, TimeUnit.SECONDS);
      return false;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      return e.getCause() instanceof HoldfastException refused
          && refused.code() == ErrorCode.CLOSED;
    }
  }

  @Test
  void aFloodOnOneStateDoesNotStarveAnother() throws Exception {
    State<JsonNode> flooded = store.state();
    State<JsonNode> quiet = store.state();
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger flood = new AtomicInteger();
    List<Integer> during = new ArrayList<>();
    List<Callable<?>> work = new ArrayList<>();
    work.addAll(Concurrently.repeat(40, 1, () -> {
      while (!done.get()) {
        flooded.set("key", json(1));
        flood.incrementAndGet();
      }
    }));
    work.add(() -> {
      try {
        for (int i = 0; i < 50; i++) {
          int before = flood.get();
          quiet.set("key", json(i));
          during.add(flood.get() - before);
        }
      } finally {
        done.set(true);
      }
      return null;
    });

    Concurrently.run(work);

    // In turn with everybody: while one writer of forty wrote once, the quiet one wrote about once.
    // Half of its writes are enough to tell: its thread may be kept from running for a while.
    Collections.sort(during);
    assertThat(during).hasSize(50);
    assertThat(during.get(25)).isLessThanOrEqualTo(40 * 4);
    assertThat(flood.get()).isGreaterThanOrEqualTo(50);
    assertThat(quiet.version()).isEqualTo(50);
    assertShared();
  }

  @Test
  void twoStoresThatWriteTheSameStatesInOppositeOrderDoNotBlockEachOther() throws Exception {
    List<State<JsonNode>> states = states(6);
    states.forEach(state -> state.set("count", json(0)));
    long deadlocks = deadlocks();
    try (TestingStore other = TestingStore.on(database)) {
      List<Callable<?>> work = new ArrayList<>();
      for (int writer = 0; writer < 8; writer++) {
        work.add(() -> writeAll(states, 15));
        List<State<JsonNode>> opposite = new ArrayList<>();
        for (State<JsonNode> state : states) {
          opposite.add(0, other.store().state(state.id().namespace(), state.id().name()));
        }
        work.add(() -> writeAll(opposite, 15));
      }
      Concurrently.run(work);
    }
    assertThat(states).allSatisfy(state -> assertThat(state.version()).isEqualTo(1 + 2 * 8 * 15));
    assertThat(deadlocks()).isEqualTo(deadlocks);
    assertShared();
  }

  private static Void writeAll(List<State<JsonNode>> states, int rounds) {
    for (int round = 0; round < rounds; round++) {
      for (State<JsonNode> state : states) {
        if (round % 2 == 0) {
          state.set("key", json(round));
        } else {
          state.append("list", round);
        }
      }
    }
    return null;
  }

  private long deadlocks() {
    return database.queryLong(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
  }

  @Test
  @Tag("G4")
  void aLostConnectionTellsEachCallerWhatBecameOfItsOwn() throws Exception {
    State<JsonNode> state = store.state();
    state.set("key", json(0));
    List<Future<Long>> writes = new ArrayList<>();
    try (TestingLock lock = new TestingLock(database, state)) {
      for (int i = 0; i < 12; i++) {
        int number = i;
        writes.add(threads.submit(() -> state.append("list", number)));
      }
      TestingLock.awaitWaiting(database, 1);
      database.queryStrings("""
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'""");
    }
    List<Integer> written = new ArrayList<>();
    for (int i = 0; i < writes.size(); i++) {
      try {
        writes.get(i).get(60, TimeUnit.SECONDS);
        written.add(i);
      } catch (ExecutionException e) {
        assertThat(e).hasCauseInstanceOf(TransientException.class);
      }
    }
    assertThat(written).hasSizeLessThan(12);
    assertThat(state.version()).isEqualTo(1 + written.size());
    List<Integer> elements = new ArrayList<>();
    state.get("list").ifPresent(list -> list.forEach(element -> elements.add(element.intValue())));
    assertThat(elements).containsExactlyInAnyOrderElementsOf(written);
  }

  /** The session that waited for the lock is gone, so there is nothing to wait for until one can tell. */
  @Test
  @Tag("G4")
  void aLostConnectionIsNotInDoubtWhileOthersHoldTheLock() throws Exception {
    State<JsonNode> state = store.state();
    state.set("key", json(0));
    try (TestingLock lock = new TestingLock(database, state)) {
      Future<Long> write = threads.submit(() -> state.set("key", json(1)));
      TestingLock.awaitWaiting(database, 1);
      database.queryStrings("""
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'""");
      assertFails(write, TransientException.class);
    }
    assertThat(state.version()).isEqualTo(1);
  }

  @Test
  void virtualThreadsShareMessages() throws Exception {
    List<State<JsonNode>> states = states(3);
    ExecutorService executor = virtualThreads();
    try {
      List<Future<?>> writes = new ArrayList<>();
      for (int i = 0; i < 600; i++) {
        State<JsonNode> state = states.get(i % 3);
        writes.add(executor.submit(() -> state.append("list", 1)));
      }
      for (Future<?> write : writes) {
        write.get(60, TimeUnit.SECONDS);
      }
    } finally {
      executor.shutdownNow();
    }
    assertThat(states).allSatisfy(state -> assertThat(state.version()).isEqualTo(200));
    assertShared();
  }

  /** A thread that keeps its carrier while it waits is an event of the virtual machine; the control is a wait in a class initializer. */
  @Test
  void virtualThreadsAreNotPinnedWhileTheyWait() throws Exception {
    assumeTrue(Runtime.version().feature() >= 21, "there are no virtual threads");
    State<JsonNode> state = store.state();
    state.set("key", json(0));
    assertThat(pinnedBy(() -> {
          try (TestingLock lock = new TestingLock(database, state)) {
            ExecutorService executor = virtualThreads();
            List<Future<?>> writes = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
              writes.add(executor.submit(() -> state.append("list", 1)));
            }
            TestingLock.awaitWaiting(database, 1);
            TimeUnit.MILLISECONDS.sleep(200);
            lock.close();
            for (Future<?> write : writes) {
              write.get(60, TimeUnit.SECONDS);
            }
            executor.shutdownNow();
          }
        }))
        .isEmpty();
    assertThat(state.get("list").orElseThrow()).hasSize(50);

    assertThat(pinnedBy(() -> virtualThreads().submit(Slow::new).get(60, TimeUnit.SECONDS)))
        .isNotEmpty();
  }

  private static final class Slow {
    static {
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  /** Where virtual threads were pinned for 20 ms or more meanwhile. */
  private static List<String> pinnedBy(Work work) throws Exception {
    Path file = Files.createTempFile("pinned", ".jfr");
    try (Recording recording = new Recording()) {
      recording
          .enable("jdk.VirtualThreadPinned")
          .withThreshold(Duration.ofMillis(20))
          .withStackTrace();
      recording.start();
      work.run();
      recording.stop();
      recording.dump(file);
      return RecordingFile.readAllEvents(file).stream()
          .map(RecordedEvent::toString)
          .toList();
    } finally {
      Files.delete(file);
    }
  }

  /** Since Java 21; before, as many threads. */
  private static ExecutorService virtualThreads() throws Exception {
    try {
      return (ExecutorService)
          Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    } catch (NoSuchMethodException e) {
      return Executors.newFixedThreadPool(200);
    }
  }

  @Test
  void withoutGroupCommitEveryWriteIsAMessage() throws Exception {
    try (TestingStore apart = TestingStore.on(database, StateStore.Builder::withoutGroupCommit)) {
      State<JsonNode> state = apart.state();
      Concurrently.run(Concurrently.repeat(8, 10, () -> state.set("key", json(1))));
      assertThat(apart.store().groupCommitMetrics())
          .isEqualTo(new GroupCommitMetrics(80, 80, 0, 0));
      assertThat(state.version()).isEqualTo(80);
    }
  }
}
