package dev.holdfast.effect;

import static dev.holdfast.effect.TestingCalls.changed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.effect.TestingService.Receipt;
import dev.holdfast.effect.breaker.BreakerPhase;
import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.breaker.BreakerState;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Breakers are rows: they survive their process and are shared by all. */
@HoldfastTest
@Tag("G11")
final class SharedBreakerTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Within which a transition is known to other processes. */
  private static final Duration SHARED = Duration.ofSeconds(1);

  private static final Duration STALL = Duration.ofMillis(100);

  private final TestDatabase database;

  @AutoClose
  private final TestingEffects one;

  @AutoClose
  private final TestingEffects two;

  private final TestingService service = new TestingService();
  private String handler = "handler-" + TestingEffects.newId();

  SharedBreakerTest(TestDatabase database) {
    this.database = database;
    this.one = TestingEffects.on(database);
    this.two = TestingEffects.on(database);
  }

  private void register(TestingEffects each, BreakerPolicy policy) {
    each.effects().register(service.handler(handler).breaker(policy));
  }

  private void call(TestingEffects each) {
    each.effects()
        .run("work", TestingEffects.newId(), effect -> effect.perform(handler, new Order("x")));
  }

  private void assertFails(TestingEffects each, String part) {
    assertThatThrownBy(() -> call(each))
        .isInstanceOf(EffectFailedException.class)
        .hasMessageContaining(part);
  }

  private static BreakerPolicy.Builder twoFailures() {
    return BreakerPolicy.builder().failureThreshold(2).openDuration(Duration.ofSeconds(60));
  }

  private void trip(TestingEffects each) {
    service.failing("do x", new IllegalStateException("down"));
    assertFails(each, "down");
    assertFails(each, "down");
    assertFails(each, "is open");
  }

  private static BreakerState state(TestingEffects each, String handler) {
    return each.effects().breaker(handler).orElseThrow();
  }

  @Test
  void itIsOpenAfterARestartForTheTimeThatIsLeft() {
    register(one, twoFailures().build());
    trip(one);
    BreakerState before = state(one, handler);
    one.close();

    register(two, twoFailures().build());
    assertFails(two, "is open");
    assertThat(service.calls()).hasSize(2);
    assertThat(state(two, handler).phase()).isEqualTo(BreakerPhase.OPEN);
    assertThat(state(two, handler).since()).isEqualTo(before.since());
  }

  /** Where the machine stalled meanwhile the time says nothing, and it is measured again. */
  @Test
  void anotherProcessKnowsWithinASecond() throws Exception {
    Duration took = PATIENCE;
    Duration stalled = PATIENCE;
    for (int attempt = 0;
        attempt < 10 && took.compareTo(SHARED) > 0 && stalled.compareTo(STALL) > 0;
        attempt++) {
      handler = "handler-" + TestingEffects.newId();
      service.repaired("do x");
      register(one, twoFailures().build());
      register(two, twoFailures().build());
      call(two);
      trip(one);
      try (TestingStalls stalls = new TestingStalls()) {
        long since = System.nanoTime();
        await()
            .pollInterval(Duration.ofMillis(10))
            .atMost(PATIENCE)
            .until(() -> state(two, handler).phase() == BreakerPhase.OPEN);
        took = Duration.ofNanos(System.nanoTime() - since);
        stalled = stalls.longest();
      }
      assertFails(two, "is open");
    }
    assertThat(took).as("stalled for %s meanwhile", stalled).isLessThanOrEqualTo(SHARED);
  }

  /** As data sources may that were closed. */
  private DataSource withoutBreakers(Throwable failure) {
    return changed(
        DataSource.class,
        database.dataSource(),
        (given, asked, with) -> given instanceof Connection
            ? changed(Connection.class, given, (statement, preparing, sql) -> {
              if (preparing.equals("prepareStatement")
                  && sql.get(0).toString().contains("holdfast.breaker")
                  && service.calls().size() > 1) {
                throw failure;
              }
              return statement;
            })
            : given);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCallThatSucceededHasSucceededAlsoWhenItCannotBeCounted(boolean withError) {
    BreakerPolicy policy = twoFailures().openDuration(Duration.ofMillis(1)).build();
    register(one, policy);
    call(one);
    assertThat(one.effects().forceBreakerOpen(handler)).isTrue();
    Throwable failure = withError ? new LinkageError("gone") : new IllegalStateException("closed");
    try (Effects effects =
        Effects.builder(one.store(), withoutBreakers(failure)).withoutRecovery().build()) {
      effects.register(service.handler(handler).breaker(policy));

      Receipt receipt = effects.run(
          "work", TestingEffects.newId(), effect -> effect.perform(handler, new Order("x")));
      assertThat(receipt).isEqualTo(new Receipt("#x"));
    }
    assertThat(service.calls()).containsExactly("do x", "do x");
  }

  @Test
  void allProcessesTogetherAdmitAsManyProbesAsThereArePermits() throws Exception {
    BreakerPolicy policy =
        twoFailures().openDuration(Duration.ofMillis(300)).halfOpenPermits(3).build();
    AtomicInteger probes = new AtomicInteger();
    CountDownLatch release = new CountDownLatch(1);
    for (TestingEffects each : List.of(one, two)) {
      each.effects().register(service.handler(handler).breaker(policy).perform((context, order) -> {
        if (order.item().equals("x")) {
          throw new IllegalStateException("down");
        }
        probes.incrementAndGet();
        release.await(30, TimeUnit.SECONDS);
        return new Receipt("probe");
      }));
    }
    assertFails(one, "down");
    assertFails(one, "down");
    TimeUnit.MILLISECONDS.sleep(1200);

    AtomicInteger rejected = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Effects effects = (i % 2 == 0 ? one : two).effects();
      Thread thread = new Thread(() -> {
        try {
          effects.run(
              "work",
              TestingEffects.newId(),
              effect -> effect.perform(handler, new Order("probe")));
        } catch (EffectFailedException e) {
          rejected.incrementAndGet();
        }
      });
      thread.start();
      threads.add(thread);
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> rejected.get() == 47);
    assertThat(probes.get()).isEqualTo(3);
    release.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(probes.get()).isEqualTo(3);
    await()
        .atMost(PATIENCE)
        .until(() -> state(one, handler).phase() == BreakerPhase.CLOSED
            && state(two, handler).phase() == BreakerPhase.CLOSED);
    assertThat(database.queryStrings(
            "SELECT phase FROM holdfast.breaker_transition WHERE name = '%s' ORDER BY epoch"
                .formatted(handler)))
        .containsExactly("open", "half_open", "closed");
  }

  @Test
  void rejectionsDoNotProlong() {
    register(one, twoFailures().build());
    trip(one);
    BreakerState before = state(one, handler);
    for (int i = 0; i < 5; i++) {
      assertFails(one, "is open");
    }
    assertThat(state(one, handler)).isEqualTo(before);
  }

  @Test
  void anOperatorClosesItForAll() {
    register(one, twoFailures().build());
    register(two, twoFailures().build());
    call(two);
    trip(one);
    service.repaired("do x");
    one.effects().forceBreakerClosed(handler);
    call(one);
    await()
        .atMost(PATIENCE)
        .until(() -> state(two, handler).epoch() == state(one, handler).epoch());
    call(two);
    two.effects().forceBreakerOpen(handler);
    assertFails(two, "is open");
  }

  @Test
  void aBreakerThatCannotBeWrittenWorksInItsProcess() {
    database.execute("ALTER TABLE holdfast.breaker RENAME TO hidden");
    try {
      register(one, twoFailures().build());
      trip(one);
    } finally {
      database.execute("ALTER TABLE holdfast.hidden RENAME TO breaker");
    }
    one.effects().forceBreakerClosed(handler);
    service.repaired("do x");
    call(one);
    assertThat(database.queryStrings(
            "SELECT phase FROM holdfast.breaker WHERE name = '%s'".formatted(handler)))
        .containsExactly("closed");
  }

  /** As a later version writes it, or somebody by hand. */
  private void makeUnreadable(String name) {
    database.execute("""
        UPDATE holdfast.breaker SET state = '{"phase":"AJAR"}', epoch = epoch + 1, version = version + 2
        WHERE name = '%s'""".formatted(name));
  }

  @Test
  void aBreakerThatCannotBeReadDoesNotHideTheOthers() {
    String unreadable = "handler-" + TestingEffects.newId();
    two.effects().register(service.handler(unreadable).breaker(twoFailures().build()));
    two.effects()
        .run("work", TestingEffects.newId(), effect -> effect.perform(unreadable, new Order("y")));
    two.effects().forceBreakerOpen(unreadable);
    makeUnreadable(unreadable);
    register(one, twoFailures().build());
    register(two, twoFailures().build());
    call(two);

    trip(one);
    await().atMost(PATIENCE).until(() -> state(two, handler).phase() == BreakerPhase.OPEN);
    assertThat(state(two, unreadable).phase()).isEqualTo(BreakerPhase.OPEN);
  }

  @Test
  @Timeout(20)
  void aBreakerThatCannotBeReadWorksInItsProcess() {
    register(one, twoFailures().build());
    trip(one);
    makeUnreadable(handler);
    one.effects().forceBreakerClosed(handler);
    assertThat(state(one, handler).phase()).isEqualTo(BreakerPhase.CLOSED);
    service.repaired("do x");
    call(one);
  }
}
