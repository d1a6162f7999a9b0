package dev.holdfast.integration.coherence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.integration.coherence.CoherenceChecker.Rule;
import dev.holdfast.integration.coherence.CoherentProcess.Care;
import dev.holdfast.integration.coherence.Seen.Kind;
import dev.holdfast.integration.guarantees.TestingServer;
import dev.holdfast.testkit.ChildJvm;
import dev.holdfast.testkit.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three processes with 64 readers and 8 writers use four states through their caches, while the connections of the watches are killed,
 * notifications are forged and, for one process, dropped, processes are stopped for longer than the bound, and the server is killed and
 * started again. What they saw is checked in real time. {@code -Dholdfast.coherence.seconds=60} makes it longer.
 */
@Tag("G5")
final class CoherenceTest {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int SECONDS = Integer.getInteger("holdfast.coherence.seconds", 10);
  private static final int[] READERS = {22, 21, 21};
  private static final int[] WRITERS = {3, 3, 2};
  private static final Duration STOPPED = CoherentProcess.BOUND.multipliedBy(2);
  private static final String WATCHES = """
      SELECT count(pg_terminate_backend(pid))
      FROM pg_stat_activity
      WHERE query LIKE '%pg_current_snapshot%' AND pid <> pg_backend_pid()""";

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path folder;

  @Test
  void cachedReadsKeepTheirPromiseWhateverHappens() throws Exception {
    Run run = run(Care.CAREFUL, SECONDS, true);

    run.print();
    assertThat(run.problems()).isEmpty();
    run.requireLoad();
  }

  /** The control: nobody vouches for what is in memory, and one process writes what the others read. */
  @Test
  void withoutTheWatchTheCheckerFindsOldReads() throws Exception {
    Run run = run(Care.UNWATCHED, 3, false);

    run.print();
    assertThat(run.problems()).containsKey(Rule.TOO_OLD);
  }

  /** The control: entries are young enough, and have no versions. */
  @Test
  void withoutVersionsTheCheckerFindsReadsThatGoBackwards() throws Exception {
    Run run = run(Care.UNSTAMPED, 3, false);

    run.print();
    assertThat(run.problems()).containsKey(Rule.BACKWARDS).doesNotContainKey(Rule.NOT_CURRENT);
  }

  private Run run(Care care, int seconds, boolean isDisturbed) throws Exception {
    Random random = new Random(Seed.next("coherence"));
    List<ChildJvm> processes = new ArrayList<>();
    try (TestingServer server = new TestingServer(folder, "on")) {
      server.start();
      server.open(2).close();
      for (int i = 0; i < READERS.length; i++) {
        processes.add(start(care, server, i, random.nextLong()));
      }
      for (ChildJvm process : processes) {
        requireSameClock(process.readLineMatching("^ready", LIMIT));
      }
      Disturbances disturbances = new Disturbances(server, processes, random);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      if (isDisturbed) {
        disturbances.until(end);
      } else {
        TimeUnit.SECONDS.sleep(seconds);
      }
      Files.createFile(folder.resolve("stop"));
      List<String> said = new ArrayList<>();
      for (ChildJvm process : processes) {
        said.add(process.readLineMatching("^hits", LIMIT));
        assertThat(process.waitFor(LIMIT)).isZero();
      }
      return new Run(seen(server), said, disturbances);
    } finally {
      processes.forEach(ChildJvm::close);
    }
  }

  private ChildJvm start(Care care, TestingServer server, int number, long seed) {
    return ChildJvm.start(
        CoherentProcess.class,
        care.name(),
        server.jdbcUrl(),
        folder.toString(),
        String.valueOf(number),
        String.valueOf(READERS[number]),
        String.valueOf(care == Care.UNWATCHED ? (number == 0 ? 8 : 0) : WRITERS[number]),
        String.valueOf(seed));
  }

  /** What the processes compare are times of the machine's monotonic clock, which Java does not promise: seen to be so here. */
  private static void requireSameClock(String ready) {
    long theirs = Long.parseLong(ready.substring("ready ".length()));
    assertThat(theirs).isBetween(System.nanoTime() - LIMIT.toNanos(), System.nanoTime());
  }

  /** By state; writes that told no version get it from history, by their value. */
  private List<List<Seen>> seen(TestingServer server) throws IOException, SQLException {
    Map<Long, Long> versions = new HashMap<>();
    try (Connection connection = server.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(
            "SELECT payload::text::bigint, version FROM holdfast.change WHERE form = 'value'")) {
      while (rows.next()) {
        versions.put(rows.getLong(1), rows.getLong(2));
      }
    }
    List<List<Seen>> states = new ArrayList<>();
    for (int i = 0; i < CoherentProcess.STATES; i++) {
      states.add(new ArrayList<>());
    }
    for (int i = 0; i < READERS.length; i++) {
      for (Seen one : CoherentProcess.seen(folder, i)) {
        Long made = versions.get(one.value());
        assertThat(one.kind() != Kind.WRITE || made != null)
            .as("%s is in history", one)
            .isTrue();
        states
            .get(one.state())
            .add(one.kind() == Kind.WRITE && made != null ? one.withVersion(made) : one);
      }
    }
    return states;
  }

  /** What was seen in one run. */
  private record Run(List<List<Seen>> states, List<String> said, Disturbances disturbances) {

    Map<Rule, List<String>> problems() {
      Map<Rule, List<String>> all = new EnumMap<>(Rule.class);
      for (List<Seen> state : states) {
        CoherenceChecker.problems(state, CoherentProcess.BOUND)
            .forEach((rule, found) ->
                all.computeIfAbsent(rule, any -> new ArrayList<>()).addAll(found));
      }
      return all;
    }

    void print() {
      System.out.printf(
          "coherence: %,d cached and %,d strict reads, %,d writes; the oldest cached read was %,d ms behind; %s%n%s%n",
          count(Kind.CACHED),
          count(Kind.STRICT),
          count(Kind.WRITE),
          TimeUnit.NANOSECONDS.toMillis(worst()),
          disturbances,
          String.join("\n", said));
    }

    private long worst() {
      return states.stream().mapToLong(CoherenceChecker::worst).max().orElse(0);
    }

    private long count(Kind kind) {
      return states.stream()
          .flatMap(List::stream)
          .filter(one -> one.kind() == kind)
          .count();
    }

    /** Little enough for a busy machine, and enough to prove something: memory was used, was old at times, and was disturbed. */
    void requireLoad() {
      assertThat(count(Kind.CACHED)).isGreaterThan(500L * SECONDS);
      assertThat(count(Kind.STRICT)).isGreaterThan(5L * SECONDS);
      assertThat(count(Kind.WRITE)).isGreaterThan(10L * SECONDS);
      assertThat(said).allSatisfy(line -> {
        assertThat(number(line, "hits")).isGreaterThan(50L * SECONDS);
        assertThat(number(line, "resets")).isGreaterThan(1);
      });
      assertThat(worst()).isPositive();
      assertThat(disturbances.killed).isGreaterThan(2);
      assertThat(disturbances.stopped).isPositive();
      assertThat(disturbances.restarted).isPositive();
      assertThat(disturbances.forged).isPositive();
    }

    private static long number(String line, String name) {
      List<String> words = List.of(line.split(" "));
      return Long.parseLong(words.get(words.indexOf(name) + 1));
    }
  }

  /** What goes wrong, one after the other. Confined to one thread. */
  private static final class Disturbances {

    private final TestingServer server;
    private final List<ChildJvm> processes;
    private final Random random;
    private int killed;
    private int stopped;
    private int restarted;
    private int forged;

    Disturbances(TestingServer server, List<ChildJvm> processes, Random random) {
      this.server = server;
      this.processes = processes;
      this.random = random;
    }

    void until(long end) throws Exception {
      for (int i = 0; System.nanoTime() - end < 0; i++) {
        TimeUnit.MILLISECONDS.sleep(200 + random.nextInt(400));
        switch (i % 8) {
          case 1 -> stop(processes.get(random.nextInt(processes.size())));
          case 5 -> restart();
          case 3, 7 -> forge();
          default -> kill();
        }
      }
    }

    private void kill() throws SQLException {
      try (Connection connection = server.dataSource().getConnection();
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery(WATCHES)) {
        rows.next();
        killed += rows.getInt(1);
      }
    }

    private void forge() throws SQLException {
      try (Connection connection = server.dataSource().getConnection();
          Statement statement = connection.createStatement()) {
        for (int i = 0; i < 100; i++) {
          statement.execute("NOTIFY holdfast_change, 'forged'");
          forged++;
        }
      }
    }

    private void stop(ChildJvm process) throws Exception {
      signal(process, "STOP");
      TimeUnit.MILLISECONDS.sleep(STOPPED.toMillis());
      signal(process, "CONT");
      stopped++;
    }

    private static void signal(ChildJvm child, String signal) throws Exception {
      Process kill = new ProcessBuilder("kill", "-" + signal, String.valueOf(child.pid())).start();
      assertThat(kill.waitFor()).isZero();
    }

    private void restart() throws IOException {
      server.kill();
      server.start();
      restarted++;
    }

    @Override
    public String toString() {
      return killed + " watches killed, " + stopped + " times a process stopped, " + restarted
          + " times the server restarted, " + forged + " notifications forged";
    }
  }
}
