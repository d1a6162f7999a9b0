package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.store.retention.Retention;
import dev.holdfast.store.retention.RetentionPolicy;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Forks, tags, rollbacks and readers of versions at the very edge of what retention clears: each is refused, or right for good. The value of the
 * key {@code n} always is the number of the version that wrote it.
 */
@HoldfastTest
@Tag("G6")
final class RetentionRaceTest {

  private static final int KEPT = 5;
  private static final int CALLS = Integer.getInteger("holdfast.retention.races", 150);
  private static final int MOST = 20;

  private final TestDatabase database;

  @AutoClose
  private final TestingStore store;

  private final State<JsonNode> state;
  private final Retention retention;
  private final Map<State<JsonNode>, Long> forks = new ConcurrentHashMap<>();
  private final Map<String, Long> tags = new ConcurrentHashMap<>();
  private final Random random = new Random(Seed.next("retention-race"));
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong removed = new AtomicLong();
  private final AtomicLong read = new AtomicLong();

  /** The oldest version that retention keeps as such, from its last look on. */
  private final AtomicLong edge = new AtomicLong(1);

  RetentionRaceTest(TestDatabase database) {
    this.database = database;
    this.store = TestingStore.on(database, settings -> settings.deltasPerSnapshot(4));
    this.state = store.state();
    this.retention = Retention.on(database.dataSource(), database.schema())
        .grace(Duration.ZERO)
        .batchSize(3);
  }

  @Test
  void whoeverIsNotRefusedIsRightForGood() throws Exception {
    for (int i = 0; i < KEPT; i++) {
      write();
    }
    List<Callable<?>> work = List.of(
        repeat(CALLS, this::write),
        repeat(CALLS, this::write),
        repeat(CALLS / 5, this::retain),
        repeat(CALLS, () -> forkAt(edge())),
        repeat(CALLS, () -> tagAt(edge())),
        repeat(CALLS, () -> readAt(edge())));
    Concurrently.run(work);

    for (int i = 0; i < 3; i++) {
      retain();
    }
    forks.forEach((fork, version) -> assertIsOf(fork.snapshot(), version));
    tags.forEach((tag, version) -> assertIsOf(state.at(tag), version));
    System.out.printf(
        "%d forks, %d tags, %d reads, %d refused, %d rows removed%n",
        forks.size(), tags.size(), read.get(), refused.get(), removed.get());
    assertThat(forks).hasSizeGreaterThan(CALLS / 10);
    assertThat(tags).hasSizeGreaterThan(CALLS / 10);
    assertThat(removed).hasValueGreaterThan(CALLS / 10);
    assertThat(refused).as("calls that came too late").hasPositiveValue();
  }

  /** So often, and on as long as nobody came too late, which chance may have it on a machine with many processors. */
  private Callable<?> repeat(int times, Runnable call) {
    return () -> {
      for (int i = 0; i < times || (refused.get() == 0 && i < MOST * times); i++) {
        call.run();
      }
      return true;
    };
  }

  /** One version; two writers, so the number is told by the version read before, under its condition. */
  private void write() {
    long version = state.version();
    try {
      state.compareAndSet(
          version, Changes.<JsonNode>set("n", json(version + 1)).andAppend("list", version + 1));
    } catch (ConflictException e) {
      assertThat(e.actual()).isGreaterThan(version);
    }
  }

  private void retain() {
    edge.set(Math.max(1, state.version() - KEPT + 1));
    removed.addAndGet(retention
        .run(retention.plan(RetentionPolicy.keepVersions(KEPT), state.id()))
        .removed());
  }

  /** Around the oldest version that can be read. */
  private long edge() {
    return Math.max(1, edge.get() + random.nextInt(4) - 2);
  }

  private void forkAt(long version) {
    try {
      State<JsonNode> fork = state.fork(TestingStore.newName(), version);
      assertIsOf(fork.snapshot(), version);
      forks.put(fork, version);
    } catch (StateRollbackException e) {
      refused.incrementAndGet();
    }
  }

  private void tagAt(long version) {
    try {
      String tag = TestingStore.newName();
      state.tag(tag, version);
      assertIsOf(state.at(tag), version);
      if (version % 2 == 0) {
        state.untag(tag);
      } else {
        tags.put(tag, version);
      }
    } catch (StateRollbackException e) {
      refused.incrementAndGet();
    }
  }

  private void readAt(long version) {
    try {
      assertIsOf(state.at(version), version);
      state.history().forEach(change -> assertThat(change.after()).isNotNull());
      read.incrementAndGet();
    } catch (StateRollbackException e) {
      refused.incrementAndGet();
    }
  }

  private static void assertIsOf(Snapshot<JsonNode> snapshot, long version) {
    assertThat(snapshot.get("n").orElseThrow().longValue()).isEqualTo(version);
    JsonNode list = snapshot.get("list").orElseThrow();
    assertThat(list.size()).isEqualTo((int) version);
    assertThat(list.get(list.size() - 1).longValue()).isEqualTo(version);
  }

  /** The control: rows that are removed although a fork refers to them are missed, and are an error and not an absent key. */
  @Test
  void aReferenceToNothingIsFoundOut() {
    state.set("n", json(1));
    State<JsonNode> fork = state.fork(TestingStore.newName(), 1);
    String row = "holdfast.change WHERE state_id = '" + state.id().uuid() + "'";
    database.execute("CREATE TABLE saved AS SELECT * FROM " + row + "; DELETE FROM " + row);

    assertThatThrownBy(() -> fork.get("n")).hasMessageContaining("missing");
    assertThatThrownBy(fork::snapshot).hasMessageContaining("missing");
    assertThatThrownBy(fork::history).hasMessageContaining("missing");

    database.execute("INSERT INTO holdfast.change SELECT * FROM saved; DROP TABLE saved");
    assertThat(fork.get("n")).contains(json(1));
  }
}
