package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.retention.RemovalExport;
import dev.holdfast.store.retention.Retention;
import dev.holdfast.store.retention.RetentionPlan;
import dev.holdfast.store.retention.RetentionPolicy;
import dev.holdfast.testkit.ChildJvm;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import tools.jackson.databind.JsonNode;

/**
 * Processes that run retention are killed, one after the other, and a last run comes to its end: together they removed what the first plan
 * counted, each row is in a file, and what is kept reads as before.
 */
@HoldfastTest
@Tag("G6")
final class KilledRetentionTest {

  private static final int CHANGES = 4_000;
  private static final int KEYS = 20;
  private static final int KEPT = 100;

  /** What is kept stands on so many rows at most. */
  private static final int DELTAS = 100;

  private static final int KILLS = 4;

  /** How many rows a process may remove beyond those after which it is killed: about ten batches. */
  private static final int BEYOND = 200;

  private final TestDatabase database;

  @AutoClose
  private final TestingStore store;

  private final State<JsonNode> state;
  private final Retention retention;

  KilledRetentionTest(TestDatabase database) {
    this.database = database;
    this.store = TestingStore.on(database, settings -> settings.deltasPerSnapshot(DELTAS));
    this.state = store.state();
    this.retention = Retention.on(database.dataSource(), database.schema()).grace(Duration.ZERO);
  }

  @Test
  void whatIsLeftIsDoneByTheNextRun(@TempDir Path folder) throws Exception {
    Random random = new Random(Seed.next("killed-retention"));
    fill();
    Map<Long, JsonNode> before = contents();
    Set<String> rows = rows();
    RetentionPlan first = plan();
    long total = first.removed();
    assertThat(total).isGreaterThan(CHANGES / 2);

    for (int i = 1; i <= KILLS; i++) {
      runAndKill(folder.resolve(i + ".jsonl"), total * i / (KILLS + 1), random);
      assertThat(gone(rows)).as("recorded is what is gone").hasSize((int) recorded("removed"));
      before.forEach(this::assertReads);
    }
    assertThat(recorded("removed")).as("something is left to do").isLessThan(total);
    export(folder.resolve("last.jsonl"));

    System.out.printf(
        "retention killed %d times: %,d of %,d rows removed, %d folded%n",
        KILLS, recorded("removed"), total, recorded("folded"));
    assertThat(recorded("removed")).isEqualTo(total);
    assertThat(recorded("folded")).isEqualTo(first.folded());
    assertThat(plan().states()).isEmpty();
    assertThat(exported(folder)).containsAll(gone(rows));
    before.forEach(this::assertReads);
  }

  private void fill() {
    for (int i = 0; i < CHANGES; i += KEYS) {
      Changes<JsonNode> changes = Changes.none();
      state.append("key-" + i % 7, i);
      for (int key = 0; key < KEYS; key++) {
        changes = key % 2 == 0
            ? changes.andSet("key-" + key + "-set", json(i))
            : changes.andAppend("key-" + key + "-list", i);
      }
      state.apply(changes);
    }
    state.tag("early", 40);
  }

  private RetentionPlan plan() {
    return retention.plan(RetentionPolicy.keepVersions(KEPT), state.id());
  }

  private Map<Long, JsonNode> contents() {
    Map<Long, JsonNode> contents = new HashMap<>();
    for (long version = state.version() - KEPT; version <= state.version(); version += 20) {
      contents.put(version, state.at(version).toJson());
    }
    contents.put(40L, state.at(40).toJson());
    return contents;
  }

  private void assertReads(long version, JsonNode content) {
    assertThat(state.at(version).toJson()).as("version %s", version).isEqualTo(content);
  }

  /** Kills a process that is not at its end, a little after so many rows were removed in all, and awaits what it has begun. */
  private void runAndKill(Path file, long removed, Random random) throws Exception {
    long left = Math.max(0, removed - recorded("removed")) + BEYOND;
    try (ChildJvm child = ChildJvm.start(
        Sweep.class,
        database.jdbcUrl(),
        database.user(),
        database.password(),
        state.id().namespace(),
        state.id().name(),
        file.toString(),
        String.valueOf(left))) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(2))
          .until(() -> !child.isAlive() || recorded("removed") >= removed);
      Thread.sleep(random.nextInt(10));
      assertThat(child.isAlive()).as("a run that is killed before its end").isTrue();
      child.kill();
    }
    awaitNoSession();
  }

  /** The server may still commit for a process that is gone. */
  private void awaitNoSession() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> database.queryLong("SELECT count(*) FROM pg_stat_activity"
                + " WHERE datname = current_database() AND application_name = '"
                + Sweep.APPLICATION + "'")
            == 0);
  }

  private void export(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      retention.run(plan(), RemovalExport.to(channel));
    }
  }

  private long recorded(String column) {
    return database.queryLong("SELECT coalesce(sum(" + column
        + "), 0)::bigint FROM holdfast.history_removal WHERE state_id = '"
        + state.id().uuid()
        + "'");
  }

  private Set<String> rows() {
    return new HashSet<>(
        database.queryStrings("SELECT key || ' ' || version FROM holdfast.change WHERE state_id = '"
            + state.id().uuid() + "'"));
  }

  private Set<String> gone(Set<String> rows) {
    Set<String> gone = new HashSet<>(rows);
    gone.removeAll(rows());
    return gone;
  }

  /** What the files say was removed; the last line of a killed process may be cut off. */
  private static Set<String> exported(Path folder) throws IOException {
    Set<String> exported = new HashSet<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String text = Files.readString(file);
        List<String> lines =
            text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
        for (String line : lines) {
          JsonNode row = Json.parse(line);
          if (row.get("action").stringValue().equals("removed")) {
            exported.add(row.get("key").stringValue() + " " + row.get("version").longValue());
          }
        }
      }
    }
    return exported;
  }

  /** A process of its own that runs retention once, in small batches, and never comes to its end. */
  static final class Sweep {

    private static final String APPLICATION = "killed-retention";

    private Sweep() {}

    /** Arguments: JDBC URL, user, password, namespace, name, file, how many rows it may write as removed before it stops. */
    public static void main(String[] args) throws IOException {
      PGSimpleDataSource source = new PGSimpleDataSource();
      source.setURL(args[0]);
      source.setUser(args[1]);
      source.setPassword(args[2]);
      source.setApplicationName(APPLICATION);
      Retention retention = Retention.on(source, SchemaName.DEFAULT)
          .grace(Duration.ZERO)
          .batchSize(20)
          .by("process " + ProcessHandle.current().pid());
      try (FileChannel file = FileChannel.open(
          Path.of(args[5]), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        retention.run(
            retention.plan(RetentionPolicy.keepVersions(KEPT), new StateId(args[3], args[4])),
            new Stopping(RemovalExport.to(file), Long.parseLong(args[6])));
      }
    }
  }

  /** An export that does not come back once so many rows were written as removed: their last batch stays. */
  private static final class Stopping implements RemovalExport {

    private final RemovalExport export;
    private long left;

    Stopping(RemovalExport export, long left) {
      this.export = export;
      this.left = left;
    }

    @Override
    public void write(String line) throws IOException {
      export.write(line);
      if (Json.parse(line).get("action").stringValue().equals("removed")) {
        left--;
      }
    }

    @Override
    public void sync() throws IOException {
      export.sync();
      while (left <= 0) {
        LockSupport.park(this);
      }
    }
  }
}
