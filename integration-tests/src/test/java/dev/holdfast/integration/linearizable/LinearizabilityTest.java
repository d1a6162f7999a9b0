package dev.holdfast.integration.linearizable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Holdfast;
import dev.holdfast.integration.linearizable.Observation.Kind;
import dev.holdfast.store.State;
import dev.holdfast.store.Versioned;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.HistoryPage;
import dev.holdfast.testkit.ChildJvm;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What clients in several processes saw, with all kinds of calls at once, is explained by one order of versions. */
@HoldfastTest
@Tag("G2")
@Tag("G5")
final class LinearizabilityTest {

  private static final int PROCESSES = 3;
  private static final int CLIENTS = 4;
  private static final int CALLS = Integer.getInteger("holdfast.linearizability.calls", 400);
  private static final Duration LIMIT = Duration.ofMinutes(20);
  private static final long KILL_PAUSE_NANOS = Duration.ofMillis(100).toNanos();

  private final TestDatabase database;

  @TempDir
  Path folder;

  LinearizabilityTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void beginWithEmptyTables() {
    database.execute("TRUNCATE holdfast.state, holdfast.change");
  }

  @Test
  void whatConcurrentClientsSawHasOneOrder() throws Exception {
    runClients("careful", false);

    for (Recording recording : recordings()) {
      assertThat(HistoryChecker.problems(recording)).isEmpty();
      assertThat(recording.observations()).hasSize(PROCESSES * CLIENTS / 2 * CALLS);
      assertThat(recording.observations())
          .noneMatch(call -> call.kind() == Kind.REFUSED || call.kind() == Kind.IN_DOUBT);
      assertManyOverlap(recording);
    }
  }

  /** Sessions are ended by the server all the time: what failed was not written, what succeeded was written once. */
  @Test
  void whatConcurrentClientsSawHasOneOrderWhileConnectionsBreak() throws Exception {
    int killed = runClients("careful", true);

    long refused = 0;
    for (Recording recording : recordings()) {
      assertThat(HistoryChecker.problems(recording)).isEmpty();
      refused += recording.observations().stream()
          .filter(call -> call.kind() == Kind.REFUSED)
          .count();
    }
    System.out.println(killed + " sessions ended, " + refused + " writes refused");
    assertThat(killed).isGreaterThan(10);
  }

  /** The control: clients that keep snapshots and read before they write are found out. */
  @Test
  void whatCarelessClientsSawHasNone() throws Exception {
    runClients("careless", false);

    List<String> problems = recordings().stream()
        .flatMap(one -> HistoryChecker.problems(one).stream())
        .toList();
    assertThat(problems).anyMatch(problem -> problem.contains("was invoked only then"));
    assertThat(problems).anyMatch(problem -> problem.contains(", but it was "));
  }

  /** A history of calls one after the other would prove nothing. */
  private static void assertManyOverlap(Recording recording) {
    long overlapping = recording.observations().stream()
        .filter(call -> call.returned() - call.invoked() > 2)
        .count();
    assertThat(overlapping).isGreaterThan(recording.observations().size() / 2);
  }

  private int runClients(String care, boolean isKilling) throws Exception {
    Random seeds = new Random(Seed.next("clients"));
    List<ChildJvm> processes = new ArrayList<>();
    try {
      for (int i = 0; i < PROCESSES; i++) {
        processes.add(start(i * CLIENTS, care, seeds.nextLong()));
      }
      processes.forEach(process -> process.readLineMatching("^ready", Duration.ofMinutes(1)));
      long start = System.nanoTime();
      Files.createFile(folder.resolve("start"));
      int killed = isKilling ? killSessions(processes) : 0;
      processes.forEach(process -> assertThat(process.waitFor(LIMIT))
          .as(() -> String.join("\n", process.output()))
          .isZero());
      System.out.printf(
          "%,d calls of %s clients in %.1f s%n",
          PROCESSES * CLIENTS * CALLS, care, (System.nanoTime() - start) / 1e9);
      return killed;
    } finally {
      processes.forEach(ChildJvm::close);
    }
  }

  private ChildJvm start(int first, String care, long seed) {
    return ChildJvm.start(
        ClientProcess.class,
        database.jdbcUrl(),
        database.libraryUser(),
        database.libraryPassword(),
        folder.toString(),
        String.valueOf(first),
        String.valueOf(CLIENTS),
        String.valueOf(CALLS),
        care,
        String.valueOf(seed));
  }

  private int killSessions(List<ChildJvm> processes) {
    int killed = 0;
    while (processes.stream().allMatch(ChildJvm::isAlive)) {
      killed += database.queryStrings("""
              SELECT pg_terminate_backend(pid)
              FROM pg_stat_activity
              WHERE datname = current_database() AND application_name = 'holdfast' AND state = 'active'
              ORDER BY random()
              LIMIT 1""").size();
      LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(KILL_PAUSE_NANOS));
    }
    return killed;
  }

  private List<Recording> recordings() throws IOException {
    try (Holdfast holdfast = Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.libraryUser(), database.libraryPassword())
        .maximumPoolSize(2)
        .build()) {
      List<Recording> recordings = new ArrayList<>();
      for (String name : ClientProcess.STATES) {
        State<Long> state = holdfast.state(Client.NAMESPACE, name, Long.class);
        recordings.add(new Recording(observations(name), log(state)));
      }
      return recordings;
    }
  }

  private List<Observation> observations(String state) throws IOException {
    JsonMapper mapper = new JsonMapper();
    List<Observation> observations = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith("-" + state)).toList()) {
        Files.readAllLines(file)
            .forEach(line -> observations.add(mapper.readValue(line, Observation.class)));
      }
    }
    return observations;
  }

  private static List<LoggedChange> log(State<Long> state) {
    List<LoggedChange> log = new ArrayList<>();
    Optional<History> next = Optional.of(History.all().limit(1000));
    while (next.isPresent()) {
      HistoryPage<Long> page = state.history(next.get());
      page.forEach(change -> log.add(logged(change)));
      next = page.next();
    }
    return log;
  }

  private static LoggedChange logged(Change<Long> change) {
    return new LoggedChange(
        change.version(),
        change.actor().orElseThrow(),
        change.key(),
        value(change.before()),
        value(change.after()));
  }

  private static @Nullable Long value(@Nullable Versioned<Long> versioned) {
    return versioned == null ? null : versioned.value();
  }
}
