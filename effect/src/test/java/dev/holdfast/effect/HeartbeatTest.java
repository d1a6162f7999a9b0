package dev.holdfast.effect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.effect.TestingService.Receipt;
import dev.holdfast.effect.handler.Reconciliation;
import dev.holdfast.testkit.EffectTables;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Signs of life are given for each effect transaction, whatever is the matter with the others. */
@HoldfastTest
@Tag("G10")
final class HeartbeatTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final TestDatabase database;
  private final TestingService service = new TestingService();
  private final CountDownLatch begun = new CountDownLatch(2);
  private final CountDownLatch release = new CountDownLatch(1);
  private volatile CountDownLatch answer = new CountDownLatch(0);
  private final List<Thread> threads = new ArrayList<>();
  private final String locked = TestingEffects.newId();
  private final String free = TestingEffects.newId();

  HeartbeatTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void clear() {
    database.execute("TRUNCATE " + EffectTables.ALL);
  }

  @AfterEach
  void join() throws InterruptedException {
    release.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private TestingEffects beating(Duration lease) throws InterruptedException {
    TestingEffects effects = beginning(lease);
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    return effects;
  }

  /** Both ask the handler, which answers when it may. */
  private TestingEffects beginning(Duration lease) {
    TestingEffects effects = TestingEffects.on(database, settings -> settings.lease(lease));
    effects.effects().register(service.handler("one").perform((context, order) -> {
      answer.await(60, TimeUnit.SECONDS);
      return new Receipt("#" + order.item());
    }));
    for (String id : List.of(locked, free)) {
      Thread thread = new Thread(() -> effects.effects().run("work", id, effect -> {
        effect.perform("one", new Order("1"));
        begun.countDown();
        release.await(60, TimeUnit.SECONDS);
        return "done";
      }));
      thread.start();
      threads.add(thread);
    }
    return effects;
  }

  private String lease(String id) {
    return database
        .queryStrings(
            "SELECT leased_until::text FROM holdfast.effect_summary WHERE id = '%s'".formatted(id))
        .get(0);
  }

  private void awaitRenewal(String id) {
    String before = lease(id);
    await().atMost(PATIENCE).until(() -> !lease(id).equals(before));
  }

  private interface Locked {
    void run() throws Exception;
  }

  /** As somebody does who looks at a row with FOR UPDATE and goes for a coffee. */
  private void whileLocked(Locked work) throws Exception {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(
          "SELECT 1 FROM holdfast.effect_transaction WHERE id = '%s' FOR UPDATE".formatted(locked));
      try {
        work.run();
      } finally {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    }
  }

  @Test
  void aRowThatIsLockedKeepsNoLeaseFromBeingRenewed() throws Exception {
    try (TestingEffects effects = beating(Duration.ofMillis(900))) {
      whileLocked(() -> {
        for (int beat = 0; beat < 4; beat++) {
          awaitRenewal(free);
          awaitRenewal(locked);
        }
      });
      release.countDown();
      join();
      for (String id : List.of(locked, free)) {
        assertThat(effects.status(id)).isEqualTo("committed");
      }
    }
  }

  @Test
  void whatWasDeferredWaitsForNoRowOfAnother() throws Exception {
    answer = new CountDownLatch(1);
    try (TestingEffects effects = beginning(Duration.ofSeconds(3))) {
      await()
          .atMost(PATIENCE)
          .until(() -> database.queryLong("SELECT count(*) FROM holdfast.effect_operation") == 2);
      whileLocked(() -> {
        answer.countDown();
        await().atMost(PATIENCE).until(() -> operations(effects, free), "succeeded"::equals);
        awaitRenewal(free);
        assertThat(operations(effects, locked)).isEqualTo("intended");
      });
      await().atMost(PATIENCE).until(() -> operations(effects, locked), "succeeded"::equals);
      // Closing would wait for the bodies.
      release.countDown();
      join();
    }
  }

  private static String operations(TestingEffects effects, String id) {
    return effects.operations(id).get(0).replace("1 one ", "");
  }

  /** The rows of leases are locked for more beats than those after which it is taken for granted that none is left. */
  @Test
  void aRenewalThatWasHeldUpLeavesNoLeaseBehind() throws Exception {
    try (TestingEffects effects = beating(Duration.ofMillis(300))) {
      awaitRenewal(free);
      awaitRenewal(locked);
      try (Connection connection = database.dataSource().getConnection();
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        statement.execute("SELECT 1 FROM holdfast.effect_lease FOR UPDATE");
        await()
            .atMost(PATIENCE)
            .until(() -> database.queryLong(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                        + " AND datname = current_database() AND query LIKE '%effect_lease%'")
                == 1);
        release.countDown();
        join();
        TimeUnit.SECONDS.sleep(2);
        connection.rollback();
        connection.setAutoCommit(true);
      }
      awaitNoLease();
      assertThat(effects.status(free)).isEqualTo("committed");
    }
  }

  @Test
  void whatHasEndedLeavesNoLeaseBehind() throws Exception {
    try (TestingEffects effects = beating(Duration.ofMillis(600))) {
      awaitRenewal(free);
      awaitRenewal(locked);
      release.countDown();
      join();
      awaitNoLease();
      assertThat(effects.status(free)).isEqualTo("committed");
    }
  }

  /** After an outage, say: recovery of this very process finds that the lease ran out. */
  @Test
  void aRunWhoseOwnProcessTookOverIsToldSo() throws Exception {
    CountDownLatch reconciling = new CountDownLatch(1);
    answer = new CountDownLatch(1);
    AtomicReference<Throwable> refused = new AtomicReference<>();
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    try (TestingEffects effects =
        TestingEffects.on(database, settings -> settings.lease(Duration.ofSeconds(3)))) {
      effects
          .effects()
          .register(service
              .handler("one")
              .perform((context, order) -> {
                begun.countDown();
                answer.await(60, TimeUnit.SECONDS);
                return new Receipt("late");
              })
              .reconcile((context, order) -> {
                reconciling.countDown();
                release.await(60, TimeUnit.SECONDS);
                return Reconciliation.notDone();
              }));
      Thread first = start(() ->
          thrown.set(catchThrowable(() -> effects.effects().run("work", free, effect -> {
            effect.perform("one", new Order("1"));
            refused.set(catchThrowable(() -> effect.perform("one", new Order("2"))));
            return "done";
          }))));
      await().atMost(PATIENCE).until(() -> begun.getCount() == 1);
      start(() -> {
        do {
          effects.expireLease(free);
        } while (effects.effects().recover() == 0 && release.getCount() > 0); // A beat was faster.
      });
      assertThat(reconciling.await(20, TimeUnit.SECONDS)).isTrue();
      awaitRenewal(free);
      awaitRenewal(free);

      answer.countDown();
      first.join();
      release.countDown();
      join();
      assertThat(refused.get())
          .isInstanceOf(StaleLeaseException.class)
          .as("the heartbeat found it out, before anything was sent")
          .hasCauseInstanceOf(StaleLeaseException.class);
      assertThat(thrown.get()).isInstanceOf(StaleLeaseException.class);
      assertThat(effects.operations(free)).containsExactly("1 one failed");
      assertThat(effects.status(free)).isEqualTo("rolled_back");
    }
  }

  private Thread start(Runnable work) {
    Thread thread = new Thread(work);
    thread.start();
    threads.add(thread);
    return thread;
  }

  private void awaitNoLease() {
    await()
        .atMost(PATIENCE)
        .until(() -> database.queryLong("SELECT count(*) FROM holdfast.effect_lease") == 0);
  }
}
