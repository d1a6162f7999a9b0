package dev.holdfast.effect;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.effect.TestingService.Receipt;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.Reconciliation;
import dev.holdfast.effect.registry.Candidate;
import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What a process abandoned another takes over: it resumes or rolls back, and the first can write nothing any more. */
@HoldfastTest
@Tag("G8")
@Tag("G10")
final class RecoveryTest {

  private final TestDatabase database;

  @AutoClose
  private final TestingEffects testing;

  @AutoClose
  private final TestingEffects other;

  private final TestingService service = new TestingService();
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicReference<Throwable> thrown = new AtomicReference<>();
  private final String id = TestingEffects.newId();

  RecoveryTest(TestDatabase database) {
    this.database = database;
    this.testing = TestingEffects.on(database);
    this.other = TestingEffects.on(database);
  }

  @BeforeEach
  void register() {
    testing.clear();
    for (TestingEffects each : List.of(testing, other)) {
      each.effects().register(service.handler("one"));
    }
    testing.effects().register(service.handler("pause").perform((context, order) -> {
      service.call("do " + order.item() + " in epoch " + context.epoch(), context);
      entered.countDown();
      release.await(30, TimeUnit.SECONDS);
      return new Receipt("late");
    }));
    other
        .effects()
        .register(service
            .handler("pause")
            .perform((context, order) -> {
              service.call("do " + order.item() + " in epoch " + context.epoch(), context);
              return new Receipt("again");
            })
            .reconcile((context, order) -> {
              service.call("look " + order.item() + " in epoch " + context.epoch(), context);
              return Reconciliation.done(new Receipt("found"));
            }));
  }

  private static final EffectBody<String> BODY = effect -> {
    effect.perform("one", new Order("1"));
    return effect.<Receipt>perform("pause", new Order("2")).number();
  };

  /** A run that is stuck in its second operation while its lease runs out. */
  private Thread stuck() throws InterruptedException {
    return stuck(BODY);
  }

  private Thread stuck(EffectBody<String> body) throws InterruptedException {
    Thread thread = new Thread(() -> {
      try {
        testing.effects().run("work", id, body);
      } catch (Throwable e) {
        thrown.set(e);
      }
    });
    thread.start();
    assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
    testing.expireLease(id);
    return thread;
  }

  @Test
  void whatIsClosedRecoversNothingAndSaysSo() {
    testing.effects().close();
    assertThatThrownBy(testing.effects()::recover)
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  @Test
  void anAbandonedTransactionIsRolledBackAndTheFirstProcessCanWriteNothing() throws Exception {
    Thread first = stuck();

    assertThat(other.effects().recover()).isEqualTo(1);
    assertThat(service.calls())
        .containsExactly(
            "do 1", "do 2 in epoch 1", "look 2 in epoch 2", "undo 2 found", "undo 1 #1");
    assertThat(testing.status(id)).isEqualTo("rolled_back");
    List<String> before = testing.operations(id);
    release.countDown();
    first.join();

    assertThat(thrown.get())
        .isInstanceOf(StaleLeaseException.class)
        .hasMessageContaining("epoch 1");
    assertThat(testing.operations(id)).isEqualTo(before);
    assertThat(testing.status(id)).isEqualTo("rolled_back");
    assertThat(service.calls()).as("the first compensated nothing").hasSize(5);
    assertThat(other.effects().metrics().recovered()).isEqualTo(1);
    assertThat(other.effects().recover()).isZero();
  }

  @Test
  void theSameIdElsewhereResumes() throws Exception {
    Thread first = stuck();

    assertThat(other.effects().run("work", id, BODY)).isEqualTo("found");
    assertThat(service.calls()).containsExactly("do 1", "do 2 in epoch 1", "look 2 in epoch 2");
    release.countDown();
    first.join();
    assertThat(thrown.get()).isInstanceOf(StaleLeaseException.class);
    assertThat(testing.status(id)).isEqualTo("committed");
    assertThat(testing.operations(id)).containsExactly("1 one succeeded", "2 pause succeeded");
  }

  @Test
  void whoeverGivesSignsOfLifeIsNotTakenOver() throws Exception {
    Duration lease = Duration.ofSeconds(4);
    try (TestingEffects brief = TestingEffects.on(database, s -> s.lease(lease))) {
      brief
          .effects()
          .register(service.handler("pause").perform((context, order) -> {
            entered.countDown();
            release.await(60, TimeUnit.SECONDS);
            return new Receipt("slow");
          }))
          .register(service.handler("one"));
      Thread thread = new Thread(() -> brief.effects().run("work", id, BODY));
      thread.start();
      assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
      int recovered = 0;
      while (database.queryLong("""
          SELECT count(*) FROM holdfast.effect_transaction
          WHERE id = '%s' AND started_at < clock_timestamp() - interval '5 s'""".formatted(id)) == 0) {
        recovered += other.effects().recover();
        TimeUnit.MILLISECONDS.sleep(50);
      }
      recovered += other.effects().recover();
      release.countDown();
      thread.join();
      assertThat(recovered).isZero();
      assertThat(testing.status(id)).isEqualTo("committed");
    }
  }

  @Test
  void whatWasDeferredIsDurableAfterAHeartbeat() throws Exception {
    try (TestingEffects brief = TestingEffects.on(database, s -> s.lease(Duration.ofMillis(300)))) {
      brief.effects().register(service.handler("one"));
      CountDownLatch end = new CountDownLatch(1);
      Thread thread = new Thread(() -> brief.effects().run("work", id, effect -> {
        effect.perform("one", new Order("1"));
        end.await(20, TimeUnit.SECONDS);
        return "done";
      }));
      thread.start();
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> testing.operations(id).contains("1 one succeeded"));
      end.countDown();
      thread.join();
      assertThat(testing.status(id)).isEqualTo("committed");
    }
  }

  @Test
  void manyRecoverersTakeEachOnce() throws Exception {
    abandon(60);
    AtomicInteger recovered = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (TestingEffects each : List.of(testing, other, testing, other)) {
      Thread thread = new Thread(() -> recovered.addAndGet(each.effects().recover()));
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(recovered.get()).isEqualTo(60);
    assertThat(service.calls()).hasSize(60).doesNotHaveDuplicates();
    assertThat(
            database.queryLong(
                "SELECT count(*) FROM holdfast.effect_transaction WHERE name = 'abandoned' AND status = 'rolled_back'"))
        .isEqualTo(60);
  }

  /** With handlers that do nothing, one process recovers ten thousand in a minute while it runs new ones. */
  @Test
  @EnabledIfSystemProperty(named = "holdfast.test.effects", matches = "full")
  void tenThousandAreRecoveredInAMinute() throws Exception {
    abandon(10_000);
    try (TestingEffects fast = TestingEffects.on(database)) {
      fast.effects()
          .register(EffectHandler.of("one", Order.class, Receipt.class)
              .perform((context, order) -> new Receipt("#"))
              .compensate((context, order, receipt) -> {}));
      AtomicBoolean over = new AtomicBoolean();
      AtomicInteger meanwhile = new AtomicInteger();
      Thread running = new Thread(() -> {
        while (!over.get()) {
          fast.effects()
              .run("new", TestingEffects.newId(), effect -> effect.perform("one", new Order("1")));
          meanwhile.incrementAndGet();
        }
      });
      running.start();
      long start = System.nanoTime();
      assertThat(fast.effects().recover()).isEqualTo(10_000);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      over.set(true);
      running.join();
      System.out.println("10,000 recovered in " + took + ", " + meanwhile + " run meanwhile");
      assertThat(took).isLessThan(Duration.ofSeconds(60));
      assertThat(meanwhile.get()).isPositive();
    }
  }

  /** As many effect transactions with one completed operation each as if their process had been killed. */
  private void abandon(int number) {
    database.execute("""
        WITH t AS (
          INSERT INTO holdfast.effect_transaction
            (effect_id, name, id, status, epoch, revision, owner, process, leased_until)
          SELECT holdfast.state_id('abandoned', n::text), 'abandoned', n::text, 'running', 1, 1, gen_random_uuid(),
            'killed', clock_timestamp() - interval '1 minute'
          FROM generate_series(1, %d) AS n
          RETURNING effect_id, id
        ), o AS (
          INSERT INTO holdfast.effect_operation (effect_id, position, kind, name, started_at, request)
          SELECT t.effect_id, '{1}', 'remote', 'one', clock_timestamp(), json_build_object('item', t.id) FROM t
        )
        INSERT INTO holdfast.effect_outcome (effect_id, position, status, changed_at, response)
        SELECT t.effect_id, '{1}', 'succeeded', clock_timestamp(), '{"number":"#"}' FROM t
        """.formatted(number));
  }

  @Test
  void whatSomebodyHasLockedIsLeftForTheNextLook() throws Exception {
    abandon(3);
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SELECT FROM holdfast.effect_transaction WHERE id = '2' FOR UPDATE");
      assertThat(other.effects().recover()).isEqualTo(2);
      assertThatThrownBy(() -> other.effects().run("abandoned", "2", effect -> "resumed"))
          .isInstanceOf(EffectRunningException.class);
      connection.rollback();
      connection.setAutoCommit(true);
    }
    assertThat(testing.status("2")).isEqualTo("running");
    assertThat(other.effects().recover()).isEqualTo(1);
  }

  /** Signs of life are rows of their own, and those of a run that lost its lease may come late. */
  @Test
  void signsOfLifeCountForTheirEpochOnly() {
    abandon(3);
    database.execute("""
        INSERT INTO holdfast.effect_lease (effect_id, epoch, leased_until)
        VALUES (holdfast.state_id('abandoned', '1'), 1, clock_timestamp() + interval '1 hour'),
          (holdfast.state_id('abandoned', '2'), 1, clock_timestamp() + interval '1 hour'),
          (holdfast.state_id('abandoned', '3'), 1, clock_timestamp() - interval '1 second')""");
    EffectBacklog backlog = other.effects().backlog();
    assertThat(backlog.abandoned()).isOne();
    assertThat(backlog.oldest()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(50));

    database.execute(
        "UPDATE holdfast.effect_lease SET epoch = 0 WHERE effect_id = holdfast.state_id('abandoned', '2')");
    backlog = other.effects().backlog();
    assertThat(backlog.abandoned()).isEqualTo(2);
    assertThat(backlog.oldest()).isGreaterThan(Duration.ofSeconds(50));
    assertThat(other.effects().recover()).isEqualTo(2);
    assertThat(List.of(testing.status("1"), testing.status("2"), testing.status("3")))
        .containsExactly("running", "rolled_back", "rolled_back");
    assertThatThrownBy(() -> other.effects().run("abandoned", "1", effect -> "resumed"))
        .isInstanceOf(EffectRunningException.class);
  }

  @Test
  void aBadItemDoesNotStopTheRest() {
    abandon(5);
    database.execute("""
        UPDATE holdfast.effect_operation SET kind = 'step'
        WHERE effect_id = holdfast.state_id('abandoned', '3')""");
    database.execute("""
        INSERT INTO holdfast.effect_payload (effect_id, position, part, payload)
        VALUES (holdfast.state_id('abandoned', '3'), '{1}', 'compensation', '"not what it should be"')""");

    assertThat(other.effects().recover()).isEqualTo(4);
    assertThat(
            database.queryStrings(
                "SELECT id || ' ' || status FROM holdfast.effect_transaction WHERE name = 'abandoned' ORDER BY id"))
        .containsExactly(
            "1 rolled_back", "2 rolled_back", "3 compensating", "4 rolled_back", "5 rolled_back");
  }

  @Test
  void whatThisProcessHasNoHandlerForIsLeftToAnother() {
    abandon(2);
    database.execute(
        "UPDATE holdfast.effect_operation SET name = 'elsewhere' WHERE effect_id = holdfast.state_id('abandoned', '2')");
    assertThat(other.effects().recover()).isEqualTo(1);
    other.effects().register(service.handler("elsewhere"));
    assertThat(other.effects().recover()).isEqualTo(1);
  }

  @Test
  void anInterruptedRollbackIsFinished() {
    abandon(1);
    database.execute(
        "UPDATE holdfast.effect_transaction SET status = 'compensating', error = 'why' WHERE id = '1'");

    assertThatThrownBy(() -> other.effects().run("abandoned", "1", effect -> "never"))
        .isInstanceOf(EffectFailedException.class)
        .hasMessageContaining("why");
    assertThat(testing.status("1")).isEqualTo("rolled_back");
    assertThat(service.calls()).containsExactly("undo 1 #");
  }

  @Test
  void aStepOfALostRunCommitsNothing() throws Exception {
    Thread first = new Thread(() -> {
      try {
        testing.effects().run("work", id, effect -> {
          effect.perform("one", new Order("1"));
          effect.step("late", tx -> {
            tx.state("trips", id).set("phase", json("late"));
            entered.countDown();
            release.await(30, TimeUnit.SECONDS);
          });
          return "done";
        });
      } catch (Throwable e) {
        thrown.set(e);
      }
    });
    first.start();
    assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
    testing.expireLease(id);
    assertThat(other.effects().recover()).isEqualTo(1);
    release.countDown();
    first.join();
    assertThat(thrown.get()).isInstanceOf(StaleLeaseException.class);
    assertThat(testing.store().state("trips", id).version()).isZero();
  }

  @Test
  void recoveryRunsByItself() {
    abandon(3);
    try (TestingEffects background =
        TestingEffects.on(database, s -> s.recoveryInterval(Duration.ofMillis(50)))) {
      background.effects().register(service.handler("one"));
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> background.effects().metrics().recovered() == 3);
    }
  }

  @Test
  void failuresThatNobodyWasToldOfAreToldLater() {
    abandon(1);
    service.failing("undo 1 #", new IllegalStateException("no"));
    other.effects().recover();
    database.execute(
        "UPDATE holdfast.rollback_failure SET reported_at = NULL, failed_at = failed_at - interval '1 hour'");
    List<EffectId> told = new ArrayList<>();
    try (TestingEffects later = TestingEffects.on(
        database, s -> s.onRollbackFailure((effect, failures) -> told.add(effect)))) {
      later.effects().recover();
      later.effects().recover();
    }
    assertThat(told).containsExactly(new EffectId("abandoned", "1"));
  }

  /** A newer release may know codes that this one cannot read. */
  @Test
  void failuresThatCannotBeToldKeepNoOthersFromBeing() {
    abandon(2);
    service.failing("undo 1 #", new IllegalStateException("no"));
    service.failing("undo 2 #", new IllegalStateException("no"));
    other.effects().recover();
    database.execute(
        "UPDATE holdfast.rollback_failure SET reported_at = NULL, failed_at = failed_at - interval '1 hour'");
    for (String newer : List.of("1", "2")) {
      database.execute("""
          UPDATE holdfast.rollback_failure AS f
          SET code = CASE WHEN t.id = '%s' THEN 'of_a_newer_release' ELSE 'compensation_failed' END, reported_at = NULL
          FROM holdfast.effect_transaction AS t
          WHERE t.effect_id = f.effect_id""".formatted(newer));
      List<String> told = new ArrayList<>();
      try (TestingEffects later = TestingEffects.on(
          database, s -> s.onRollbackFailure((effect, failures) -> told.add(effect.id())))) {
        later.effects().recover();
      }
      assertThat(told).containsExactly(newer.equals("1") ? "2" : "1");
    }
    database.execute("UPDATE holdfast.rollback_failure SET code = 'compensation_failed'");
  }

  /** A compensation that does not end before it is told to. */
  private EffectHandler<Order, Receipt> hanging(String name) {
    return service.handler(name).compensate((context, order, receipt) -> {
      entered.countDown();
      release.await(30, TimeUnit.SECONDS);
      service.call("undo " + order.item() + " late", context);
    });
  }

  private TestingEffects background() {
    return TestingEffects.on(
        database,
        settings -> settings
            .recoveryInterval(Duration.ofMillis(50))
            .retryRollbackFailures(RetryPolicy.builder()
                .maximumAttempts(3)
                .initialDelay(Duration.ofMillis(1))
                .jitter(Duration.ZERO)
                .build()));
  }

  @Test
  void aCompensationThatHangsDoesNotHoldUpTheRecoveryOfOthers() throws Exception {
    abandon(1);
    try (TestingEffects recovering = background()) {
      recovering.effects().register(hanging("one"));
      assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();

      abandonLater(recovering);
      await().until(() -> testing.status(id).equals("rolled_back"));
      assertThat(testing.status("1")).isEqualTo("compensating");
      release.countDown();
      await().until(() -> testing.status("1").equals("rolled_back"));
    }
    assertThat(service.calls()).containsExactly("do 2", "undo 2 #2", "undo 1 late");
  }

  @Test
  void aRetryThatHangsDoesNotHoldUpRecovery() throws Exception {
    abandon(1);
    service.failing("undo 1 #", new IllegalStateException("no"));
    try (TestingEffects recovering = background()) {
      recovering.effects().register(service.handler("one").compensate((context, order, receipt) -> {
        if (context.attempt() > 1) {
          entered.countDown();
          release.await(30, TimeUnit.SECONDS);
        } else {
          service.call("undo " + order.item() + " " + receipt.number(), context);
        }
      }));
      assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();

      abandonLater(recovering);
      await().until(() -> testing.status(id).equals("rolled_back"));
      assertThat(testing.status("1")).isEqualTo("rollback_failed");
      release.countDown();
      await().until(() -> testing.status("1").equals("resolved"));
    }
  }

  /** Leaves an operation of the handler "two" behind, as if the process of its effect transaction had been killed. */
  private void abandonLater(TestingEffects recovering) {
    testing.effects().register(service.handler("two"));
    recovering.effects().register(service.handler("two"));
    assertThatThrownBy(() -> testing.effects().run("work", id, effect -> {
          effect.perform("two", new Order("2"));
          effect.step("durable", tx -> {});
          testing.expireLease(id);
          await().until(() -> !testing.status(id).equals("running"));
          return "late";
        }))
        .isInstanceOf(StaleLeaseException.class);
  }

  @Test
  void closingWaitsForTheRollbacksOfRecovery() throws Exception {
    abandon(1);
    TestingEffects recovering = background();
    recovering.effects().register(hanging("one"));
    assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();

    Thread closing = new Thread(recovering::close);
    closing.start();
    await().until(() -> !closing.isAlive() || closing.getState() == Thread.State.TIMED_WAITING);
    release.countDown();
    closing.join();
    assertThat(testing.status("1")).isEqualTo("rolled_back");
  }

  @Test
  void aStepIsLeftToAProcessThatHasTheHandlerThatUndoesIt() throws Exception {
    testing.effects().register(service.handler("refund"));
    Thread first = stuck(effect -> {
      effect.step("pay", Compensation.by("refund", new Order("money")), transaction -> {});
      return effect.<Receipt>perform("pause", new Order("2")).number();
    });

    assertThat(other.effects().recover()).as("without the handler").isZero();
    assertThat(testing.status(id)).isEqualTo("running");
    other.effects().register(service.handler("refund"));
    assertThat(other.effects().recover()).isEqualTo(1);
    assertThat(service.calls()).endsWith("undo 2 found", "do money");
    assertThat(testing.status(id)).isEqualTo("rolled_back");
    release.countDown();
    first.join();
  }

  @Test
  void aStepThatACandidateOfAProviderUndoesIsLeftToOneThatHasIt() throws Exception {
    testing.effects().register(Candidate.of(service.handler("refund")).provider("bank"));
    other.effects().register(service.handler("refund"));
    Thread first = stuck(effect -> {
      effect.step("pay", Compensation.by("refund", new Order("money")), transaction -> {});
      return effect.<Receipt>perform("pause", new Order("2")).number();
    });

    assertThat(other.effects().recover()).as("without the candidate").isZero();
    other.effects().register(Candidate.of(service.handler("refund")).provider("bank"));
    assertThat(other.effects().recover()).isEqualTo(1);
    assertThat(testing.status(id)).isEqualTo("rolled_back");
    release.countDown();
    first.join();
  }
}
