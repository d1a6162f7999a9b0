package dev.holdfast.integration.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Holdfast;
import dev.holdfast.effect.EffectRollbackException;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.integration.connection.Sent;
import dev.holdfast.integration.connection.TestingProxy;
import dev.holdfast.store.StateId;
import dev.holdfast.store.json.Json;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the statements of the journal touch does not grow with the number of effect transactions that ended. They are taken off the wire
 * with their parameters, as in {@link ExplainTest}, and explained after they were made: a write then finds nothing more to do, and how it
 * looks for that is what counts.
 */
@HoldfastTest(invariants = false)
@TestInstance(Lifecycle.PER_CLASS)
final class JournalExplainTest {

  private static final List<String> MODES = List.of("force_custom_plan", "force_generic_plan");
  private static final int ENDED = 20_000;
  private static final int OPEN = 100;
  private static final int TOGETHER = 4;
  private static final int ATTEMPTS = 20;
  private static final Duration LEASE = Duration.ofMillis(300);

  private final TestDatabase database;
  private final TestingProxy proxy;
  private final Holdfast holdfast;

  JournalExplainTest(TestDatabase database) {
    this.database = database;
    this.proxy = TestingProxy.to(database);
    this.holdfast = Holdfast.builder()
        .jdbcUrl(
            proxy.jdbcUrl() + "&binaryTransfer=false&prepareThreshold=0",
            database.user(),
            database.password())
        .maximumPoolSize(4)
        .effects(effects -> effects.lease(LEASE).withoutRecovery())
        .build();
    holdfast
        .effects()
        .register(EffectHandler.of("nothing", Integer.class, Integer.class)
            .perform((context, millis) -> {
              TimeUnit.MILLISECONDS.sleep(millis);
              return millis;
            })
            .compensate((context, request, response) -> {}))
        .register(EffectHandler.of("stuck", Integer.class, Integer.class)
            .perform((context, request) -> request)
            .compensate((context, request, response) -> {
              if (request > 0) {
                throw new IllegalStateException("stuck");
              }
            }));
  }

  @BeforeAll
  void fill() {
    database.execute("""
        INSERT INTO holdfast.effect_transaction
          (effect_id, name, id, status, open_failures, epoch, revision, owner, process, ended_at)
        SELECT holdfast.state_id('ended', n::text), 'ended', n::text,
          CASE WHEN n <= %1$d THEN 'rollback_failed' WHEN n %% 10 = 0 THEN 'resolved' ELSE 'committed' END,
          CASE WHEN n <= %1$d THEN 1 ELSE 0 END, 1, 3, gen_random_uuid(), 'test', now()
        FROM generate_series(1, %2$d) AS n;
        INSERT INTO holdfast.effect_lease (effect_id, epoch, leased_until)
        SELECT gen_random_uuid(), 1, 'infinity' FROM generate_series(1, 2000);
        INSERT INTO holdfast.effect_operation (effect_id, position, kind, name, started_at, request)
        SELECT effect_id, ARRAY[p], 'remote', 'nothing', now(), '0'
        FROM holdfast.effect_transaction CROSS JOIN generate_series(1, 2) AS p;
        INSERT INTO holdfast.effect_outcome (effect_id, position, status, changed_at, response)
        SELECT effect_id, position, 'succeeded', now(), '0' FROM holdfast.effect_operation;
        INSERT INTO holdfast.effect_compensation (effect_id, position, status, changed_at)
        SELECT effect_id, position, 'compensated', now() FROM holdfast.effect_operation;
        INSERT INTO holdfast.effect_payload (effect_id, position, part, payload)
        SELECT effect_id, position, 'provider', '"other"' FROM holdfast.effect_operation;
        INSERT INTO holdfast.effect_attempt (effect_id, position, phase, epoch, number, started_at)
        SELECT effect_id, position, 'compensate', 1, 1, now() FROM holdfast.effect_operation;
        INSERT INTO holdfast.rollback_failure
          (effect_id, position, failure_id, status, code, message, attempts, exception_chain, reported_at)
        SELECT effect_id, '{1}', gen_random_uuid(), CASE WHEN open_failures > 0 THEN 'open' ELSE 'resolved' END,
          'compensation_failed', 'stuck', 1, 'stuck', now()
        FROM holdfast.effect_transaction""".formatted(OPEN, ENDED));
    database.execute("VACUUM ANALYZE");
  }

  @AfterAll
  void close() {
    holdfast.close();
    proxy.close();
  }

  /**
   * A statement.
   *
   * @param marker what it or one of its parameters contains, and no other of the call
   */
  record Statement(String name, String marker, int maxBuffers, Call call) {}

  /** What sends it. */
  interface Call {
    void make(Effects effects, String id);
  }

  static Stream<Arguments> statements() {
    return Stream.of(
            write("begin", "INSERT INTO holdfast.effect_transaction AS t", JournalExplainTest::run),
            write("outcome and intent", "SET revision = t.revision + 1", JournalExplainTest::run),
            write("outcome and result", "status, failures, error, ends)", JournalExplainTest::run),
            write("many outcomes", "$4::text::text[]", JournalExplainTest::runScopes),
            // Within the transaction of the step, beside its writes to states.
            write("step", "\"namespace\"", JournalExplainTest::step),
            write("renew", "AS l (effect_id, epoch)", JournalExplainTest::runFor),
            write("attempt", "INSERT INTO holdfast.effect_attempt AS a", JournalExplainTest::fail),
            write("failure", "INSERT INTO holdfast.rollback_failure", JournalExplainTest::fail),
            write("told", "SET reported_at", JournalExplainTest::fail),
            write("what is free", "AS l (effect_id)", JournalExplainTest::think),
            // The heartbeat, which may beat meanwhile, has the same words with a line break behind
            // them.
            read(
                "is it there",
                "SELECT FROM holdfast.effect_transaction AS t WHERE",
                JournalExplainTest::run),
            read(
                "look",
                "t.error FROM holdfast.effect_transaction",
                (effects, id) -> effects.status("explain", id)),
            read("load", "LEFT JOIN holdfast.effect_payload AS p", JournalExplainTest::runTwice),
            read("failures of one", "ORDER BY f.position DESC", JournalExplainTest::fail),
            read("abandoned", "array_agg(DISTINCT CASE o.kind", (effects, id) -> effects.recover()),
            write("take over", "SET epoch = t.epoch + 1", (effects, id) -> effects.recover()),
            read("one failure", "WHERE f.failure_id = $1", JournalExplainTest::retry),
            write("claim a failure", "SET status = 'retrying'", JournalExplainTest::retry),
            write("retry failed", "SET status = 'open', owner = NULL", JournalExplainTest::retry),
            write(
                "retry worked", "SET status = 'resolved', owner = NULL", JournalExplainTest::mend),
            write("settle", "settled_by =", JournalExplainTest::settle),
            new Statement(
                "due",
                "f.next_retry_at < clock_timestamp()",
                60,
                (effects, id) -> effects.recover()),
            new Statement(
                "hold for retention",
                "p.part = 'written'",
                OPEN * 25,
                (effects, id) -> effects.versionHold().oldestNeeded(new StateId("explain", id))),
            // These go through what is open, however much has ended.
            new Statement(
                "open failures",
                "ORDER BY f.failed_at, f.failure_id LIMIT",
                OPEN * 25,
                (effects, id) -> effects.rollbackFailures().open()),
            new Statement(
                "not told",
                "AND f.reported_at IS NULL",
                OPEN * 25,
                (effects, id) -> effects.recover()))
        .flatMap(statement ->
            MODES.stream().map(mode -> Arguments.of(statement.name(), mode, statement)));
  }

  private static Statement read(String name, String marker, Call call) {
    return new Statement(name, marker, 60, call);
  }

  private static Statement write(String name, String marker, Call call) {
    return new Statement(name, marker, 60, call);
  }

  private static void run(Effects effects, String id) {
    effects.run("explain", id, effect -> {
      effect.perform("nothing", 0);
      return effect.perform("nothing", 0);
    });
  }

  /** The second time it is answered from the journal. */
  private static void runTwice(Effects effects, String id) {
    run(effects, id);
    run(effects, id);
  }

  /** More outcomes than are spelled out go with the second operation. */
  private static void runScopes(Effects effects, String id) {
    effects.run("explain", id, effect -> {
      effect.perform("nothing", 0);
      for (int i = 0; i < 10; i++) {
        effect.scope("empty", inner -> "nothing");
      }
      return effect.perform("nothing", 0);
    });
  }

  /** Long enough for a sign of life. */
  private static void runFor(Effects effects, String id) {
    effects.run("explain", id, effect -> effect.perform("nothing", (int) LEASE.toMillis() * 2));
  }

  /** Long enough for what was deferred to be written. */
  private static void think(Effects effects, String id) {
    effects.run("explain", id, effect -> {
      effect.perform("nothing", 0);
      TimeUnit.MILLISECONDS.sleep(LEASE.toMillis());
      return 1;
    });
  }

  private static void step(Effects effects, String id) {
    effects.run("explain", id, effect -> {
      effect.perform("nothing", 0);
      effect.step("remember", tx -> tx.state("explain", id).set("key", Json.json(1)));
      return 1;
    });
  }

  private static void fail(Effects effects, String id) {
    fail(effects, id, 1);
  }

  private static RollbackFailure fail(Effects effects, String id, int request) {
    EffectRollbackException failed = Assertions.catchThrowableOfType(
        EffectRollbackException.class,
        () -> effects.run("explain", id, effect -> {
          effect.perform("stuck", request);
          throw new IllegalStateException("changed my mind");
        }));
    return failed.failures().get(0);
  }

  private static void retry(Effects effects, String id) {
    effects.rollbackFailures().retry(fail(effects, id, 1).id());
  }

  private static void mend(Effects effects, String id) {
    effects.rollbackFailures().retryWith(fail(effects, id, 1).id(), 0);
  }

  private static void settle(Effects effects, String id) {
    effects.rollbackFailures().resolve(fail(effects, id, 1).id(), "by hand", "somebody");
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("statements")
  void touchesNoMoreThanItMay(String name, String mode, Statement statement) throws SQLException {
    if (name.equals("take over")) {
      abandon();
    }
    Plan plan = plan(statement, mode);

    System.out.printf(
        "%-20s %-18s %5d buffers of %5d, %5d rows%n",
        name, mode, plan.buffers(), statement.maxBuffers(), plan.rows());
    assertThat(plan.sequentialScans()).as(plan.text()).isEmpty();
    assertThat(plan.buffers())
        .as("buffers of\n%s", plan.text())
        .isLessThanOrEqualTo(statement.maxBuffers());
  }

  /** Leases that say nothing any more are looked for among all of them, which are few, and not among all effect transactions. */
  @ParameterizedTest
  @ValueSource(strings = {"force_custom_plan", "force_generic_plan"})
  void whatIsForgottenIsLookedForAmongLeasesOnly(String mode) throws SQLException {
    Plan plan = plan(
        write("forget", "DELETE FROM holdfast.effect_lease", JournalExplainTest::runFor), mode);
    assertThat(plan.sequentialScans()).as(plan.text()).containsOnly("effect_lease");
    assertThat(plan.buffers()).as(plan.text()).isLessThanOrEqualTo(60);
  }

  private void abandon() {
    database.execute("""
        INSERT INTO holdfast.effect_transaction
          (effect_id, name, id, status, epoch, revision, owner, process, leased_until)
        VALUES (gen_random_uuid(), 'abandoned', gen_random_uuid()::text, 'running', 1, 1, gen_random_uuid(), 'test', 'epoch')""");
  }

  /** The control: without the index that it uses, a statement reads a table from end to end, and that is seen. */
  @Test
  void aScanIsSeen() throws SQLException {
    database.execute("DROP INDEX holdfast.rollback_failure_by_id");
    try {
      Statement statement =
          read("one failure", "WHERE f.failure_id = $1", JournalExplainTest::retry);
      assertThat(plan(statement, MODES.get(0)).sequentialScans()).contains("rollback_failure");
    } finally {
      database.execute(
          "CREATE INDEX rollback_failure_by_id ON holdfast.rollback_failure (failure_id)");
    }
  }

  private static boolean has(Sent sent, String marker) {
    return sent.sql().contains(marker)
        || sent.values().stream().anyMatch(value -> value != null && value.contains(marker));
  }

  /** Several that write, or look, at the same time share a message; a lock makes them meet. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "effect_operation IN EXCLUSIVE MODE | held AS MATERIALIZED | force_custom_plan",
        "effect_operation IN EXCLUSIVE MODE | held AS MATERIALIZED | force_generic_plan",
        "effect_transaction IN ACCESS EXCLUSIVE MODE | SELECT i.effect_id | force_custom_plan",
        "effect_transaction IN ACCESS EXCLUSIVE MODE | SELECT i.effect_id | force_generic_plan"
      })
  void aMessageOfSeveralTouchesNoMoreThanTheyMay(String lock, String marker, String mode)
      throws Exception {
    List<Sent> request = request(marker, () -> runTogether(lock));
    try (Connection connection = database.dataSource().getConnection()) {
      Plan plan = Plan.of(connection, request, mode);
      assertThat(plan.sequentialScans()).as(plan.text()).isEmpty();
      assertThat(plan.buffers()).as(plan.text()).isLessThanOrEqualTo(TOGETHER * 40L);
    }
  }

  private void runTogether(String what) {
    List<Thread> threads = new ArrayList<>();
    try (Connection connection = database.dataSource().getConnection();
        java.sql.Statement lock = connection.createStatement()) {
      connection.setAutoCommit(false);
      lock.execute("LOCK TABLE holdfast." + what);
      for (int i = 0; i < TOGETHER; i++) {
        String id = UUID.randomUUID().toString();
        threads.add(new Thread(() -> run(holdfast.effects(), id)));
      }
      threads.forEach(Thread::start);
      while (threads.stream()
                  .filter(thread -> thread.getState() == Thread.State.TIMED_WAITING)
                  .count()
              + database.queryLong(
                  "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
          < TOGETHER) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
      connection.rollback();
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (SQLException | InterruptedException e) {
      throw new IllegalStateException("They could not be made to meet", e);
    }
  }

  private Plan plan(Statement statement, String mode) throws SQLException {
    Runnable call =
        () -> statement.call().make(holdfast.effects(), UUID.randomUUID().toString());
    try (Connection connection = database.dataSource().getConnection()) {
      return Plan.of(connection, request(statement.marker(), call), mode);
    }
  }

  /**
   * The first request with a marker that a call makes. A call may end before the heartbeat has beaten, and threads that are to share a message may
   * come too late for it; then it is made again.
   */
  private List<Sent> request(String marker, Runnable call) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      for (List<Sent> request : proxy.requestsDuring(call)) {
        if (request.stream().anyMatch(one -> has(one, marker))) {
          return request;
        }
      }
    }
    throw new AssertionError("No statement contained " + marker);
  }
}
