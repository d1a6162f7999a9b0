package dev.holdfast.integration.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.holdfast.Holdfast;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.State;
import dev.holdfast.testkit.Invariants;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server is killed with SIGKILL while eight writers work, and started again. Every write that returned is there at the version it
 * returned, be it that it returned before or that Holdfast found out afterwards; every write that was reported as not committed is not
 * there. Always on an embedded server, because this test has to kill it.
 */
@Tag("G1")
@Tag("G4")
class KilledServerTest {

  private static final int WRITERS = 8;
  private static final int LEAST_WRITES = 500;

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path folder;

  private int port;

  @Test
  void everyAcknowledgedWriteSurvivesAndNoOther() throws Exception {
    Outcomes outcomes = new Outcomes();
    EmbeddedPostgres killed = start("on");
    try (Holdfast holdfast = open(killed)) {
      Thread[] writers = startWriters(holdfast, outcomes);
      outcomes.awaitAcknowledged(LEAST_WRITES);
      kill(serverProcesses());
      closeQuietly(killed);
      try (EmbeddedPostgres server = start("on")) {
        outcomes.awaitAcknowledged(outcomes.acknowledged.size() + WRITERS);
        stop(writers, outcomes);
        assertThat(lost(holdfast, outcomes)).isZero();
        assertThat(landedUnreported(holdfast, outcomes)).isZero();
        Invariants.check(server.getPostgresDatabase(), SchemaName.DEFAULT);
      }
    }
  }

  /** The control: with {@code synchronous_commit=off} the same run loses writes. A lucky run is repeated. */
  @Test
  void withoutSynchronousCommitWritesAreLost() throws Exception {
    Outcomes outcomes = new Outcomes();
    for (int attempt = 0; attempt < 20; attempt++) {
      if (lostWithoutSynchronousCommit(outcomes) > 0) {
        return;
      }
    }
    fail(
        "Twenty crashes without synchronous_commit lost nothing, so the test above proves nothing");
  }

  private long lostWithoutSynchronousCommit(Outcomes outcomes) throws Exception {
    EmbeddedPostgres killed = start("off");
    try (Holdfast holdfast = open(killed)) {
      Thread[] writers = startWriters(holdfast, outcomes);
      outcomes.awaitAcknowledged(outcomes.acknowledged.size() + LEAST_WRITES);
      kill(serverProcesses());
      outcomes.stopped = true;
      closeQuietly(killed);
      try (EmbeddedPostgres server = start("off")) {
        stop(writers, outcomes);
        assertThat(server.getPort()).isEqualTo(port);
        return lost(holdfast, outcomes);
      }
    }
  }

  private static Thread[] startWriters(Holdfast holdfast, Outcomes outcomes) {
    outcomes.stopped = false;
    Thread[] writers = new Thread[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
      State<Integer> state = holdfast.state("killed", "s", Integer.class);
      writers[i] = new Thread(() -> write(state, outcomes));
      writers[i].start();
    }
    return writers;
  }

  private static void write(State<Integer> state, Outcomes outcomes) {
    while (!outcomes.stopped) {
      int number = outcomes.next.incrementAndGet();
      try {
        outcomes.acknowledged.put(number, state.set("key-" + number, number));
      } catch (HoldfastException e) {
        outcomes.refused.add(number);
      }
    }
  }

  private static void stop(Thread[] writers, Outcomes outcomes) throws InterruptedException {
    outcomes.stopped = true;
    for (Thread writer : writers) {
      writer.join();
    }
  }

  private static long lost(Holdfast holdfast, Outcomes outcomes) {
    Snapshot<Integer> snapshot = holdfast.state("killed", "s", Integer.class).snapshot();
    return outcomes.acknowledged.entrySet().stream()
        .filter(write -> snapshot
            .find("key-" + write.getKey())
            .filter(found -> found.version() == write.getValue())
            .isEmpty())
        .count();
  }

  private static long landedUnreported(Holdfast holdfast, Outcomes outcomes) {
    Snapshot<Integer> snapshot = holdfast.state("killed", "s", Integer.class).snapshot();
    return outcomes.refused.stream()
        .filter(number -> snapshot.has("key-" + number))
        .count();
  }

  private EmbeddedPostgres start(String synchronousCommit) throws IOException {
    EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
        .setDataDirectory(folder.resolve("cluster"))
        .setCleanDataDirectory(false)
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", synchronousCommit)
        // The default, spelled out: it is the window in which the control loses writes.
        .setServerConfig("wal_writer_delay", "200ms");
    EmbeddedPostgres server =
        port == 0 ? builder.start() : builder.setPort(port).start();
    port = server.getPort();
    return server;
  }

  private static Holdfast open(EmbeddedPostgres server) {
    return Holdfast.builder()
        .jdbcUrl(server.getJdbcUrl("postgres", "postgres"), "postgres", "postgres")
        .maximumPoolSize(WRITERS)
        .build();
  }

  /** What the writers were told. Safe for use by multiple threads. */
  private static final class Outcomes {
    final AtomicInteger next = new AtomicInteger();
    final Map<Integer, Long> acknowledged = new ConcurrentHashMap<>();
    final Set<Integer> refused = ConcurrentHashMap.newKeySet();
    volatile boolean stopped;

    void awaitAcknowledged(int least) {
      Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> acknowledged.size() >= least);
    }
  }

  /** The postmaster first, so that it restarts nobody, then all that it had started. */
  private List<ProcessHandle> serverProcesses() throws IOException {
    long pid = Long.parseLong(
        Files.readAllLines(folder.resolve("cluster/postmaster.pid")).get(0).trim());
    ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
    List<ProcessHandle> all = new ArrayList<>();
    all.add(postmaster);
    postmaster.descendants().forEach(all::add);
    return all;
  }

  private static void kill(List<ProcessHandle> processes) {
    processes.forEach(ProcessHandle::destroyForcibly);
    processes.forEach(process -> process.onExit().join());
  }

  /** Gives the folder's lock back; the stop command fails, for there is nothing left to stop. */
  private static void closeQuietly(EmbeddedPostgres server) {
    try {
      server.close();
    } catch (IOException | RuntimeException e) {
      assertThat(e).isNotNull();
    }
  }
}
