package dev.holdfast.effect.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.crash.Traveller.Sabotage;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.json.Json;
import dev.holdfast.testkit.ChildJvm;
import dev.holdfast.testkit.EffectTables;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * A process is ended at every point between two messages to the database and two steps of a handler, none left out; then another process
 * goes on. What is expected follows from what the journal and the agency hold at the moment of the crash.
 */
@HoldfastTest
@Tag("G7")
@Tag("G8")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CrashMatrixTest {

  private static final int LEAST_POINTS = 25;
  private static final int PROCESSES = 3;
  private static final Duration CHILD_LIMIT = Duration.ofSeconds(60);
  private static final String LEASE_MILLIS = "600000";

  private final TestDatabase database;
  private final StateStore store;
  private final Effects effects;

  CrashMatrixTest(TestDatabase database) {
    this.database = database;
    this.store = StateStore.builder(database.dataSource()).build();
    this.effects =
        Effects.builder(store, database.dataSource()).withoutRecovery().build();
  }

  @BeforeAll
  void open() {
    database.execute(Agency.TABLES);
    effects.define(Agency.definition());
    new Agency(database.dataSource(), point -> {}).register(effects);
  }

  @AfterAll
  void close() {
    effects.close();
    store.close();
  }

  @Test
  void whereverItDiesTheSameIdResumesAndCommits() {
    int points = forEveryPoint("resume", Manner.SUCCEEDS, this::resume);
    assertThat(points).isGreaterThanOrEqualTo(LEAST_POINTS);
  }

  @Test
  void whereverItDiesRecoveryRollsBack() {
    int points = forEveryPoint("recover", Manner.FAILS, this::recover);
    assertThat(points).isGreaterThanOrEqualTo(LEAST_POINTS);
  }

  @Test
  void whereverItDiesRecoveryGoesOnAndCommits() {
    int points = forEveryPoint("forward", Manner.DEFINED, this::goOn);
    assertThat(points).isGreaterThanOrEqualTo(LEAST_POINTS);
  }

  /** The control: without intents a crash after the booking leaves a booking that nobody knows of, and the checks notice. */
  @Test
  void aJournalWithoutIntentsFailsTheChecks() {
    String id = "control";
    int booked = pointOf("booked flight", id + "-look");
    crash(id, Manner.FAILS, booked, Sabotage.WITHOUT_INTENT);
    expire(id);
    assertThatThrownBy(() -> recover(id)).isInstanceOf(AssertionError.class);
  }

  private int pointOf(String name, String id) {
    List<String> names = names(id, Manner.FAILS);
    assertThat(names).contains(name);
    return 1 + names.indexOf(name);
  }

  private interface Continuation {
    void check(String id);
  }

  /** How a process runs the effect transaction. */
  private enum Manner {
    SUCCEEDS,
    FAILS,
    DEFINED
  }

  /** All processes die before the first look at what they left: each has an effect transaction of its own, so some can run at a time. */
  private int forEveryPoint(String name, Manner manner, Continuation continuation) {
    List<String> names = names(name + "-0", manner);
    System.out.println(name + ": " + names.size() + " points");
    crashAtAll(name, manner, names.size());
    for (int point = 1; point <= names.size(); point++) {
      String id = name + "-" + point;
      expire(id);
      try {
        continuation.check(id);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "ended at point " + point + ", " + names.get(point - 1) + ": " + e.getMessage(), e);
      }
    }
    return names.size();
  }

  private void crashAtAll(String name, Manner manner, int points) {
    ExecutorService processes = Executors.newFixedThreadPool(PROCESSES);
    try {
      List<Future<?>> crashes = new ArrayList<>();
      for (int point = 1; point <= points; point++) {
        int fatal = point;
        crashes.add(
            processes.submit(() -> crash(name + "-" + fatal, manner, fatal, Sabotage.NONE)));
      }
      for (Future<?> crash : crashes) {
        crash.get();
      }
    } catch (ExecutionException e) {
      throw new AssertionError("A process did not die as it should", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted", e);
    } finally {
      processes.shutdownNow();
    }
  }

  /** The points that an undisturbed run passes. */
  private List<String> names(String id, Manner manner) {
    try (ChildJvm child = start(id, manner, 0, Sabotage.NONE)) {
      assertThat(child.waitFor(CHILD_LIMIT)).as("%s", child.output()).isZero();
      return child.output().stream()
          .filter(line -> line.startsWith("point "))
          .map(line -> line.split(" ", 3)[2])
          .toList();
    }
  }

  private void crash(String id, Manner manner, int point, Sabotage sabotage) {
    try (ChildJvm child = start(id, manner, point, sabotage)) {
      assertThat(child.waitFor(CHILD_LIMIT)).as("%s", child.output()).isZero();
      assertThat(child.output()).endsWith(point == 0 ? "over" : "dies");
    }
  }

  private void expire(String id) {
    EffectTables.expireLeases(database, "t.id = '%s'".formatted(id));
  }

  private ChildJvm start(String id, Manner manner, int point, Sabotage sabotage) {
    return ChildJvm.start(
        Traveller.class,
        database.jdbcUrl(),
        database.libraryUser(),
        database.libraryPassword(),
        id,
        String.valueOf(manner == Manner.FAILS),
        String.valueOf(point),
        sabotage.name(),
        LEASE_MILLIS,
        String.valueOf(manner == Manner.DEFINED));
  }

  private void resume(String id) {
    List<String> expected = callsOfAResume(Snapshot.of(database, id), id);
    assertThat(effects.run("trip", id, Agency.body(id, false))).isEqualTo("flight+hotel");
    requireCommitted(id, expected);
  }

  /** Nobody asks for it again: what was not begun is not there. */
  private void goOn(String id) {
    Snapshot crashed = Snapshot.of(database, id);
    List<String> expected = callsOfAResume(crashed, id);
    assertThat(effects.recover()).isEqualTo(crashed.status().equals("running") ? 1 : 0);
    if (crashed.status().equals("absent")) {
      assertThat(Snapshot.of(database, id)).isEqualTo(crashed);
      return;
    }
    requireCommitted(id, expected);
    assertThat(effects.recover()).isZero();
    assertThat(database.queryStrings("""
        SELECT response #>> '{}' FROM holdfast.effect_outcome WHERE position = '{}' AND effect_id = '%s'""".formatted(new EffectId("trip", id).uuid())))
        .containsExactly("flight+hotel");
  }

  private static List<String> callsOfAResume(Snapshot crashed, String id) {
    List<String> expected = new ArrayList<>(crashed.calls());
    if (!crashed.status().equals("committed")) {
      long epoch = crashed.status().equals("absent") ? 1 : 2;
      for (String item : List.of("flight", "hotel")) {
        String operation = crashed.operation(item);
        String key = key(id, item);
        if (operation.equals("intended")) {
          expected.add("look " + item + " " + key + " " + epoch);
        }
        if (operation.equals("absent")
            || (operation.equals("intended") && !crashed.isBooked(key))) {
          expected.add("book " + item + " " + key + " " + epoch);
        }
      }
    }
    return expected;
  }

  private void requireCommitted(String id, List<String> expected) {
    Snapshot now = Snapshot.of(database, id);
    assertThat(now.calls()).isEqualTo(expected);
    assertThat(now.status()).isEqualTo("committed");
    assertThat(now.operations())
        .containsExactly(
            "flight succeeded", "remember succeeded", "stay succeeded", "hotel succeeded");
    assertThat(now.bookings())
        .containsExactlyInAnyOrder(key(id, "flight") + " kept", key(id, "hotel") + " kept");
    assertThat(store.state("trips", id).version()).isEqualTo(1);
    assertThat(store.state("trips", id).get("flight")).contains(Json.json(key(id, "flight")));
  }

  private void recover(String id) {
    Snapshot crashed = Snapshot.of(database, id);
    List<String> expected = new ArrayList<>(crashed.calls());
    boolean abandoned = List.of("running", "compensating").contains(crashed.status());
    if (abandoned) {
      for (String item : List.of("hotel", "flight")) {
        String operation = crashed.operation(item);
        String key = key(id, item);
        if (operation.equals("intended")) {
          expected.add("look " + item + " " + key + " 2");
        }
        if (operation.equals("succeeded")
            || (operation.equals("intended") && crashed.isBooked(key))) {
          expected.add("cancel " + item + " " + key + " 2");
        }
      }
    }
    assertThat(effects.recover()).isEqualTo(abandoned ? 1 : 0);

    Snapshot now = Snapshot.of(database, id);
    assertThat(now.calls()).isEqualTo(expected);
    assertThat(now.status())
        .isEqualTo(crashed.status().equals("absent") ? "absent" : "rolled_back");
    assertThat(now.bookings()).allMatch(booking -> booking.endsWith(" cancelled"));
    assertThat(now.operations())
        .noneMatch(operation -> operation.matches(
            "(flight|hotel|remember) (intended|succeeded|unknown|compensation_failed)"));
    assertThat(store.state("trips", id).keys()).isEmpty();
    assertThat(store.state("trips", id).version()).isIn(0L, 2L);
    if (!now.status().equals("absent")) {
      assertThatThrownBy(() -> effects.run("trip", id, Agency.body(id, true)))
          .isInstanceOf(EffectFailedException.class);
      assertThat(Snapshot.of(database, id).calls()).isEqualTo(expected);
    }
  }

  private static String key(String id, String item) {
    return new EffectId("trip", id).uuid() + (item.equals("flight") ? "/1" : "/3.1");
  }

  /** What the journal and the agency hold of one effect transaction. */
  private record Snapshot(
      String status, List<String> operations, List<String> calls, List<String> bookings) {

    static Snapshot of(TestDatabase database, String id) {
      String effectId = new EffectId("trip", id).uuid().toString();
      List<String> status = database.queryStrings(
          "SELECT status FROM holdfast.effect_transaction WHERE effect_id = '%s'"
              .formatted(effectId));
      return new Snapshot(
          status.isEmpty() ? "absent" : status.get(0),
          database.queryStrings(
              "SELECT name || ' ' || status FROM holdfast.effect_operation_summary WHERE effect_id = '%s' ORDER BY position"
                  .formatted(effectId)),
          database.queryStrings(
              "SELECT what || ' ' || key || ' ' || epoch FROM call WHERE id = '%s' ORDER BY number"
                  .formatted(id)),
          database.queryStrings(
              "SELECT key || CASE WHEN cancelled THEN ' cancelled' ELSE ' kept' END FROM booking WHERE key LIKE '%s/%%'"
                  .formatted(effectId)));
    }

    String operation(String name) {
      return operations.stream()
          .filter(operation -> operation.startsWith(name + " "))
          .map(operation -> operation.split(" ", 2)[1].toLowerCase(Locale.ROOT))
          .findFirst()
          .orElse("absent");
    }

    boolean isBooked(String key) {
      return bookings.stream().anyMatch(booking -> booking.startsWith(key + " "));
    }
  }
}
