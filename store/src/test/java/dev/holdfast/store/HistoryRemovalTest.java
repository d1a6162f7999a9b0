package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.TransientException;
import dev.holdfast.store.feed.ChangeBatch;
import dev.holdfast.store.feed.ChangeFilter;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.MergePatch;
import dev.holdfast.store.retention.RemovalExport;
import dev.holdfast.store.retention.Retention;
import dev.holdfast.store.retention.RetentionPlan;
import dev.holdfast.store.retention.RetentionPolicy;
import dev.holdfast.store.retention.RetentionReport;
import dev.holdfast.store.retention.StateRemoval;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import tools.jackson.databind.JsonNode;

/** What no kept version needs goes, as counted beforehand, exported beforehand, and recorded. */
@HoldfastTest
@Tag("G6")
final class HistoryRemovalTest {

  private final TestDatabase database;

  @AutoClose
  private final TestingStore store;

  private final Retention retention;
  private final State<JsonNode> state;

  HistoryRemovalTest(TestDatabase database) {
    this.database = database;
    this.store = TestingStore.on(database);
    this.retention = Retention.on(database.dataSource(), database.schema()).grace(Duration.ZERO);
    this.state = store.state();
  }

  private RetentionReport run(RetentionPolicy policy) {
    return run(retention, policy);
  }

  /** Plans and runs for the one state, and sees to it that what was planned is what was done. */
  private RetentionReport run(Retention with, RetentionPolicy policy) {
    RetentionPlan plan = with.plan(policy, state.id());
    RetentionReport report = with.run(plan);
    assertThat(report.states()).isEqualTo(plan.states());
    return report;
  }

  private List<String> rows() {
    return store.query(
        "SELECT key || ' ' || version || ' ' || form FROM holdfast.change WHERE state_id = ? ORDER BY key, version",
        state.id().uuid());
  }

  private void set(int times) {
    for (int i = 1; i <= times; i++) {
      state.set("n", json(i));
    }
  }

  @Test
  void keepsTheNewestVersions() {
    set(20);

    RetentionReport report =
        run(retention.by("janitor").because("90 days"), RetentionPolicy.keepVersions(5));

    assertThat(report.states()).containsExactly(new StateRemoval(state.id(), 15, 15, 14, 0));
    assertThat(rows()).hasSize(6).first().isEqualTo("n 15 value");
    assertThat(state.history().changes())
        .extracting(Change::version)
        .containsExactly(20L, 19L, 18L, 17L, 16L);
    assertThat(state.history().changes().get(4).oldValue()).contains(json(15));
    assertThat(state.at(15).get("n")).contains(json(15));
    assertThatThrownBy(() -> state.at(14))
        .isInstanceOfSatisfying(
            StateRollbackException.class, e -> assertThat(e.oldest()).isEqualTo(15));
    assertThatThrownBy(() -> state.asOf(java.time.Instant.EPOCH))
        .isInstanceOf(StateRollbackException.class);
    assertThat(store.query(
            "SELECT concat_ws(' ', version, actor, reason) FROM holdfast.history_cut_summary WHERE state_id = ?",
            state.id().uuid()))
        .containsExactly("15 janitor 90 days");
    assertThat(store.query(
            "SELECT concat_ws(' ', version, removed, folded, actor, reason) FROM holdfast.history_removal_summary"
                + " WHERE state_id = ? AND run_id = ?",
            state.id().uuid(),
            report.runId()))
        .containsExactly("15 14 0 janitor 90 days");
    assertThat(run(RetentionPolicy.keepVersions(5)).states()).isEmpty();
  }

  @Test
  void keepsWhatIsYounger() {
    set(3);
    database.execute("UPDATE holdfast.change SET changed_at = changed_at - interval '1 hour'");

    assertThat(run(RetentionPolicy.keepYoungerThan(Duration.ofHours(2))).states())
        .isEmpty();
    set(2);
    database.execute(
        "UPDATE holdfast.state AS s SET changed_at = c.changed_at FROM holdfast.change AS c"
            + " WHERE c.state_id = s.state_id AND c.version = s.version");
    assertThat(run(RetentionPolicy.keepYoungerThan(Duration.ofMinutes(30)).orVersions(3))
            .states())
        .extracting(StateRemoval::oldest)
        .containsExactly(2L);
    assertThat(run(RetentionPolicy.keepYoungerThan(Duration.ofMinutes(30))).states())
        .extracting(StateRemoval::oldest)
        .containsExactly(3L);
    assertThat(rows()).containsExactly("n 3 value", "n 4 value", "n 5 value");
  }

  @Test
  void withoutARuleRemovesWhatWasClearedAndNoMore() {
    set(10);
    assertThat(run(RetentionPolicy.removeCleared()).states()).isEmpty();
    state.clearHistoryBefore(7);

    assertThat(run(RetentionPolicy.removeCleared()).removed()).isEqualTo(6);

    assertThat(rows()).hasSize(4);
    assertThat(state.at(7).get("n")).contains(json(7));
  }

  @Test
  void theOldestDeltaBecomesTheWholeValue() {
    for (int i = 1; i <= 10; i++) {
      state.append("list", i);
    }
    String long50 = "x".repeat(50);
    state.set("doc", Json.parse("{\"a\": 1.50, \"long\": \"" + long50 + "\"}"));
    for (int i = 1; i <= 5; i++) {
      state.patch("doc", MergePatch.parse("{\"n\": " + i + "}"));
    }

    RetentionReport report = run(RetentionPolicy.keepVersions(3));

    assertThat(report.folded()).isEqualTo(2);
    assertThat(report.removed()).isEqualTo(9 + 2);
    assertThat(rows())
        .containsExactly(
            "doc 13 value", "doc 14 patch", "doc 15 patch", "doc 16 patch", "list 10 value");
    assertThat(state.at(13).get("doc"))
        .contains(Json.parse("{\"a\": 1.50, \"long\": \"" + long50 + "\", \"n\": 2}"));
    assertThat(state.get("doc").orElseThrow().get("n")).isEqualTo(json(5));
    state.append("list", 11);
    state.patch("doc", MergePatch.parse("{\"n\": 6}"));
    assertThat(state.get("list").orElseThrow()).hasSize(11);
    assertThat(state.get("doc").orElseThrow().get("n")).isEqualTo(json(6));
    assertThat(run(RetentionPolicy.keepVersions(0)).folded()).isEqualTo(2);
    assertThat(rows()).containsExactly("doc 18 value", "list 17 value");
  }

  @Test
  void keepsWhatATagNeedsUntilItIsRemoved() {
    for (int i = 1; i <= 10; i++) {
      state.append("list", i);
      state.set("n", json(i));
    }
    state.tag("early", 5);
    state.tag("later", 12);

    run(RetentionPolicy.keepVersions(0));

    assertThat(rows())
        .containsExactly(
            "list 5 value",
            "list 7 append",
            "list 9 append",
            "list 11 append",
            "list 13 append",
            "list 15 append",
            "list 17 append",
            "list 19 append",
            "n 4 value",
            "n 12 value",
            "n 20 value");
    assertThat(state.at("early").get("list")).contains(json(List.of(1, 2, 3)));
    assertThat(state.at("early").changedAt()).isPresent();
    assertThat(state.at("later").get("n")).contains(json(6));
    state.untag("early");
    assertThat(run(RetentionPolicy.removeCleared()).folded()).isEqualTo(1);
    assertThat(rows()).first().isEqualTo("list 11 value");
    state.rollbackTo("later");
    assertThat(state.get("list")).contains(json(List.of(1, 2, 3, 4, 5, 6)));
  }

  @Test
  void keepsWhatARollbackRefersTo() {
    state.set("n", json("early"));
    state.append("list", 1);
    state.append("list", 2);
    set(5);
    state.append("list", 3);
    state.rollback(3);
    set(3);

    run(RetentionPolicy.keepVersions(3));

    assertThat(rows())
        .containsExactly(
            "list 3 value",
            "list 10 reference",
            "n 1 value",
            "n 10 reference",
            "n 11 value",
            "n 12 value",
            "n 13 value");
    assertThat(state.get("list")).contains(json(List.of(1, 2)));
    assertThat(state.at(10).get("n")).contains(json("early"));
  }

  @Test
  void keepsWhatAForkRefersToAsLongAsTheForkNeedsIt() {
    for (int i = 1; i <= 10; i++) {
      state.append("list", i);
    }
    State<JsonNode> fork = state.fork(TestingStore.newName(), 6);
    State<JsonNode> forkOfFork = fork.fork(TestingStore.newName(), 1);
    state.set("list", json("over"));

    run(RetentionPolicy.keepVersions(0));

    assertThat(rows()).containsExactly("list 6 value", "list 11 value");
    assertThat(fork.get("list").orElseThrow()).hasSize(6);
    assertThat(forkOfFork.get("list").orElseThrow()).hasSize(6);
    fork.delete("list");
    fork.clearHistory();
    forkOfFork.append("list", "own");
    forkOfFork.clearHistory();
    for (int freed = 0; freed < 3; freed++) {
      RetentionPlan plan = retention.plan(RetentionPolicy.removeCleared(), "test");
      assertThat(retention.run(plan).states()).isEqualTo(plan.states());
    }
    assertThat(rows()).containsExactly("list 11 value");
    assertThat(forkOfFork.get("list").orElseThrow()).hasSize(7);
  }

  @Test
  void keysThatAreGoneLeaveNothingBehind() {
    for (int i = 0; i < 10; i++) {
      state.set("key-" + i, json(i));
      state.delete("key-" + i);
    }
    state.set("last", json(1));
    state.delete("last");
    state.set("again", json(1));

    run(RetentionPolicy.keepVersions(1));

    assertThat(rows()).containsExactly("again 23 value", "last 22 none");
    assertThat(state.at(22).keys()).isEmpty();
  }

  /** The removed key must not come back in the version after, when the tag keeps its old value. */
  @Test
  void aRemovalStaysWhereAnOlderValueWouldShowThrough() {
    state.set("gone", json(1));
    state.tag("kept");
    state.delete("gone");
    set(5);

    run(RetentionPolicy.keepVersions(1));

    assertThat(rows()).containsExactly("gone 1 value", "gone 2 none", "n 6 value", "n 7 value");
    assertThat(state.at("kept").has("gone")).isTrue();
    assertThat(state.at(6).has("gone")).isFalse();
    assertThat(state.has("gone")).isFalse();
  }

  @Test
  void whatIsYoungOrHeldOrNotDeliveredStays() {
    set(10);
    RetentionPolicy policy = RetentionPolicy.keepVersions(2);

    assertThat(run(retention.grace(Duration.ofHours(1)), policy).removed()).isZero();
    assertThat(rows()).hasSize(10);
    assertThatThrownBy(() -> state.at(7)).isInstanceOf(StateRollbackException.class);

    Retention held = retention.protecting(id -> OptionalLong.of(4));
    assertThat(run(held, policy).removed()).isEqualTo(3);
    assertThat(rows()).first().isEqualTo("n 4 value");

    store.store().changes().poll("slow", ChangeFilter.all());
    assertThat(run(policy).removed()).isZero();
    // Others have written before, and what runs in any database of the server may hold up the feed.
    Awaitility.await().until(() -> isDelivered("slow", 10));
    assertThat(run(policy).removed()).isEqualTo(4);
    store.store().changes().forget("slow");
  }

  private boolean isDelivered(String consumer, long version) {
    ChangeBatch batch = store.store().changes().poll(consumer, ChangeFilter.all());
    batch.acknowledge();
    return batch.events().stream()
        .anyMatch(event -> event.state().equals(state.id()) && event.version() == version);
  }

  @Test
  void aHoldThatIsTakenAfterThePlanKeepsVersionsReadable() {
    set(10);
    AtomicLong needed = new AtomicLong(Long.MAX_VALUE);
    Retention held = retention.protecting(id -> OptionalLong.of(needed.get()));
    RetentionPlan plan = held.plan(RetentionPolicy.keepVersions(2), state.id());
    assertThat(plan.removed()).isEqualTo(7);
    needed.set(4);

    assertThat(held.run(plan).removed()).isEqualTo(3);

    assertThat(rows()).first().isEqualTo("n 4 value");
    assertThat(state.at(4).get("n")).contains(json(4));
  }

  /** What is taken while history is cleared finds it unreadable, and its rows are there. */
  @Test
  void aHoldThatIsTakenUntilRowsAreRemovedKeepsThem() {
    set(10);
    RetentionPlan plan = retention.plan(RetentionPolicy.keepVersions(2), state.id());
    Retention held =
        retention.protecting(id -> isCleared() ? OptionalLong.of(4) : OptionalLong.empty());

    assertThat(held.run(plan).removed()).isEqualTo(3);

    assertThat(rows()).first().isEqualTo("n 4 value");
    assertThat(isCleared()).isTrue();
  }

  private boolean isCleared() {
    return !store
        .query(
            "SELECT oldest_version FROM holdfast.state WHERE state_id = ? AND oldest_version = 8",
            state.id().uuid())
        .isEmpty();
  }

  @Test
  void aHoldKeepsVersionsReadable() {
    set(10);

    run(retention.protecting(id -> OptionalLong.of(4)), RetentionPolicy.keepVersions(2));

    assertThat(state.at(4).get("n")).contains(json(4));
    assertThatThrownBy(() -> state.at(3)).isInstanceOf(StateRollbackException.class);
  }

  @Test
  void planningChangesNothing() {
    set(10);
    state.clearHistoryBefore(5);
    Content before = Content.of(state);
    List<String> rows = rows();

    RetentionPlan plan = retention.plan(RetentionPolicy.keepVersions(1), state.id());

    assertThat(plan.removed()).isEqualTo(8);
    assertThat(rows()).isEqualTo(rows);
    assertThat(Content.of(state)).isEqualTo(before);
    assertThat(state.at(5).get("n")).contains(json(5));
  }

  @Test
  void whatIsNamedOrForkedAfterThePlanIsKept() {
    set(10);
    RetentionPlan plan = retention.plan(RetentionPolicy.keepVersions(0), state.id());
    state.tag("late", 3);
    State<JsonNode> fork = state.fork(TestingStore.newName(), 5);

    assertThat(retention.run(plan).removed()).isEqualTo(plan.removed() - 2);

    assertThat(state.at("late").get("n")).contains(json(3));
    assertThat(fork.get("n")).contains(json(5));
    assertThat(rows()).containsExactly("n 3 value", "n 5 value", "n 10 value");
  }

  @Test
  void everyRowIsExportedBeforeItIsRemoved(@TempDir Path folder) throws IOException {
    state.by("agent").because("odd").set("doc", Json.parse("{\"b\": 1.50,\n \"a\": [1e2]}"));
    for (int i = 1; i <= 5; i++) {
      state.append("list", i);
    }
    List<String> before = rows();
    Path file = folder.resolve("removed.jsonl");

    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      state.set("doc", json(1));
      retention.run(
          retention.plan(RetentionPolicy.keepVersions(0), state.id()), RemovalExport.to(channel));
    }

    List<JsonNode> lines = Files.readAllLines(file).stream().map(Json::parse).toList();
    assertThat(lines)
        .extracting(line -> line.get("key").stringValue() + " "
            + line.get("version").longValue() + " " + line.get("form").stringValue())
        .containsExactlyInAnyOrderElementsOf(before);
    JsonNode doc = lines.get(0);
    assertThat(doc.toString()).startsWith("{\"action\":\"removed\",\"namespace\":\"test\"");
    assertThat(doc.get("payload")).isEqualTo(Json.parse("{\"b\": 1.50, \"a\": [1e2]}"));
    assertThat(doc.get("actor").stringValue()).isEqualTo("agent");
    assertThat(doc.get("reason").stringValue()).isEqualTo("odd");
    assertThat(lines)
        .filteredOn(line -> line.get("action").stringValue().equals("folded"))
        .extracting(
            line -> line.get("version").longValue(), line -> line.get("payload").toString())
        .containsExactly(org.assertj.core.groups.Tuple.tuple(6L, "[5]"));
  }

  /** The batch that fails leaves its rows; the ones before it are done and on record; a new run goes on. */
  @Test
  void goesOnAfterAnExportThatFailed() {
    set(30);
    RetentionPlan plan = retention.plan(RetentionPolicy.keepVersions(0), state.id());
    List<String> lines = new ArrayList<>();
    RemovalExport failing = new RemovalExport() {
      private int batches;

      @Override
      public void write(String line) {
        lines.add(line);
      }

      @Override
      public void sync() throws IOException {
        if (++batches == 3) {
          throw new IOException("The disk is full");
        }
      }
    };

    assertThatThrownBy(() -> retention.batchSize(5).run(plan, failing))
        .isInstanceOf(UncheckedIOException.class)
        .hasRootCauseMessage("The disk is full");

    assertThat(rows()).hasSize(20);
    assertThat(lines).hasSize(15);
    assertThat(removedOnRecord()).isEqualTo(10);
    assertThat(state.get("n")).contains(json(30));
    assertThat(run(RetentionPolicy.removeCleared()).removed()).isEqualTo(19);
    assertThat(removedOnRecord()).isEqualTo(29);
    assertThat(rows()).containsExactly("n 30 value");
  }

  private long removedOnRecord() {
    return Long.parseLong(store
        .query(
            "SELECT sum(removed) FROM holdfast.history_removal WHERE state_id = ?",
            state.id().uuid())
        .get(0));
  }

  /** The session of retention is ended when its rows are deleted and not committed yet. */
  @Test
  void removesNothingWhenTheConnectionIsLostBeforeTheCommit() {
    set(10);
    RetentionPlan plan = retention.plan(RetentionPolicy.keepVersions(0), state.id());
    RemovalExport cutting = new RemovalExport() {
      @Override
      public void write(String line) {}

      @Override
      public void sync() {
        store.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE datname = current_database() AND state = 'idle in transaction'");
      }
    };

    assertThatThrownBy(() -> retention.run(plan, cutting)).isInstanceOf(TransientException.class);

    assertThat(rows()).hasSize(10);
    assertThat(store.query(
            "SELECT count(*) FROM holdfast.history_removal WHERE state_id = ?",
            state.id().uuid()))
        .containsExactly("0");
    assertThat(retention.run(plan).removed()).isEqualTo(9);
  }

  /** A fork holds the row as it is held here; while retention waits for it, writers do not. */
  @Test
  void waitsForAForkUnderWayAndWritersDoNot() throws Exception {
    set(10);
    RetentionPlan plan = retention.plan(RetentionPolicy.keepVersions(0), state.id());
    CompletableFuture<RetentionReport> running;
    try (Connection fork = database.dataSource().getConnection();
        Statement statement = fork.createStatement()) {
      fork.setAutoCommit(false);
      statement.execute("SELECT 1 FROM holdfast.state WHERE state_id = '"
          + state.id().uuid() + "' FOR KEY SHARE");
      running = CompletableFuture.supplyAsync(() -> retention.run(plan));
      Awaitility.await()
          .until(() -> database.queryLong(
                  "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
              == 1);

      assertThat(state.set("n", json("meanwhile"))).isEqualTo(11);
      assertThat(state.append("list", 1)).isEqualTo(12);
      assertThat(running).isNotDone();
      assertThat(rows()).hasSize(12);
      fork.commit();
    }

    assertThat(running.get(10, TimeUnit.SECONDS).states()).isEqualTo(plan.states());
    assertThat(rows()).containsExactly("list 12 value", "n 10 value", "n 11 value");
  }

  /** The second run read history while a tag needed what the first one, begun after the tag was removed, takes away. */
  @Test
  void whatAnotherRunHasRemovedIsLeftOut() {
    state.set("first", json(1));
    state.set("first", json(2));
    state.append("list", 1);
    state.append("list", 2);
    state.tag("kept");
    state.append("list", 3);
    state.set("list", json("over"));
    RetentionPolicy policy = RetentionPolicy.keepVersions(0);
    AtomicBoolean isHalfDone = new AtomicBoolean();
    PGSimpleDataSource interrupted = new PGSimpleDataSource() {
      @Override
      public Connection getConnection() throws SQLException {
        if (isHalfDone.getAndSet(false)) {
          state.untag("kept");
          assertThat(run(policy).removed()).isEqualTo(3);
        }
        return super.getConnection();
      }
    };
    interrupted.setURL(database.jdbcUrl());
    interrupted.setUser(database.user());
    interrupted.setPassword(database.password());
    Retention slow =
        Retention.on(interrupted, database.schema()).grace(Duration.ZERO).batchSize(1);

    RetentionReport report = slow.run(slow.plan(policy, state.id()), new RemovalExport() {
      @Override
      public void write(String line) {}

      @Override
      public void sync() {
        isHalfDone.set(true);
      }
    });

    assertThat(report.removed()).isEqualTo(1);
    assertThat(report.folded()).isZero();
    assertThat(rows()).containsExactly("first 2 value", "list 6 value");
  }

  @Test
  void endsWhenItIsInterrupted() {
    set(10);
    RetentionPlan plan = retention.plan(RetentionPolicy.keepVersions(0), state.id());

    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> retention.run(plan)).isInstanceOf(TransientException.class);
    assertThat(Thread.interrupted()).isTrue();

    assertThat(rows()).hasSize(10);
  }

  @Test
  void refusesSettingsThatMeanNothing() {
    refuses(() -> retention.batchSize(0));
    refuses(() -> retention.batchSize(100_001));
    refuses(() -> retention.grace(Duration.ofMillis(-1)));
    refuses(() -> retention.by(""));
    refuses(() -> retention.plan(RetentionPolicy.removeCleared(), ""));
    refuses(() -> RetentionPolicy.keepVersions(-1));
    refuses(() -> RetentionPolicy.keepYoungerThan(Duration.ofDays(-1)));
  }

  /** So long an age is what somebody passes who wants to keep everything. */
  @Test
  void refusesAgesThatNoClockCanCountBack() {
    for (Duration age : List.of(
        ChronoUnit.FOREVER.getDuration(),
        Duration.ofDays(365L * 10_000),
        Duration.ofNanos(Long.MAX_VALUE).plusNanos(1))) {
      refuses(() -> retention.grace(age));
      refuses(() -> RetentionPolicy.keepYoungerThan(age));
      refuses(() -> RetentionPolicy.keepVersions(1).orYoungerThan(age));
    }
  }

  @Test
  void keepsWhatIsYoungerThanTheLongestAge() {
    Duration longest = Duration.ofNanos(Long.MAX_VALUE);
    set(10);

    for (Retention patient : List.of(retention, retention.grace(longest))) {
      assertThat(
              patient.plan(RetentionPolicy.keepYoungerThan(longest), state.id()).states())
          .isEmpty();
    }
  }

  private static void refuses(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            HoldfastException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
  }
}
