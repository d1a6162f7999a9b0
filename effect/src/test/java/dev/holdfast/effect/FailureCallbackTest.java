package dev.holdfast.effect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.effect.rollback.RollbackFailureListener;
import dev.holdfast.effect.rollback.RollbackFailureStatus;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whoever is told of rollback failures is told of each, and by one process not of one that he is being told of. */
@HoldfastTest
@Tag("G9")
final class FailureCallbackTest {

  private static final String UNTOLD = "UPDATE holdfast.rollback_failure SET reported_at = NULL";
  private static final String LONG_AGO =
      "UPDATE holdfast.rollback_failure SET failed_at = failed_at - interval '1 hour'";

  private final TestDatabase database;

  @AutoClose
  private final TestingEffects testing;

  private final TestingService service = new TestingService();
  private final List<RollbackFailure> told = new CopyOnWriteArrayList<>();
  private final String id = TestingEffects.newId();

  FailureCallbackTest(TestDatabase database) {
    this.database = database;
    this.testing = TestingEffects.on(database);
  }

  @BeforeEach
  void register() {
    testing.clear();
    testing.effects().register(service.handler("one"));
  }

  private TestingEffects listening(RollbackFailureListener listener) {
    TestingEffects listening =
        TestingEffects.on(database, settings -> settings.onRollbackFailure(listener));
    listening.effects().register(service.handler("one"));
    return listening;
  }

  /** Its compensation fails. */
  private Throwable failing(Effects effects) {
    service.failing("undo 1 #1", new IllegalStateException("broken"));
    return catchThrowable(() -> effects.run("work", id, effect -> {
      effect.perform("one", new Order("1"));
      throw new IllegalStateException("no");
    }));
  }

  /** As if the process had died before it called back. */
  private UUID untold(Effects effects) {
    UUID failure =
        ((EffectRollbackException) failing(effects)).failures().get(0).id();
    told.clear();
    database.execute(UNTOLD);
    return failure;
  }

  private void assertToldBeforeItWasSettled() {
    assertThat(testing.status(id)).isEqualTo("resolved");
    assertThat(told)
        .extracting(RollbackFailure::status)
        .containsExactly(RollbackFailureStatus.OPEN);
  }

  @Test
  void aFailureIsToldBeforeItIsRetriedByItself() {
    try (TestingEffects listening = listening((effect, failures) -> told.addAll(failures))) {
      untold(listening.effects());
      service.repaired("undo 1 #1");
      database.execute("UPDATE holdfast.rollback_failure SET next_retry_at = '-infinity'");

      listening.effects().recover();
    }
    assertToldBeforeItWasSettled();
  }

  @Test
  void aFailureIsToldBeforeItIsSettledByHand() {
    try (TestingEffects listening = listening((effect, failures) -> told.addAll(failures))) {
      UUID failure = untold(listening.effects());

      listening.effects().rollbackFailures().skip(failure, "leave it", "ann");
      database.execute(LONG_AGO);
      listening.effects().recover();
    }
    assertToldBeforeItWasSettled();
  }

  @Test
  void whoIsToldMaySettleAtOnce() {
    Effects[] effects = new Effects[1];
    try (TestingEffects listening = listening((effect, failures) -> {
      told.addAll(failures);
      effects[0].rollbackFailures().skip(failures.get(0).id(), "leave it", "callback");
    })) {
      effects[0] = listening.effects();
      failing(effects[0]);
    }
    assertThat(told).hasSize(1);
    assertThat(testing.status(id)).isEqualTo("resolved");
  }

  @Test
  void aFailureIsNotToldAgainWhileTheCallbackRuns() throws Exception {
    CountDownLatch called = new CountDownLatch(1);
    CountDownLatch looked = new CountDownLatch(1);
    try (TestingEffects listening = listening((effect, failures) -> {
      told.addAll(failures);
      called.countDown();
      assertThat(looked.await(20, TimeUnit.SECONDS)).isTrue();
    })) {
      Thread running = new Thread(() -> failing(listening.effects()));
      running.start();
      assertThat(called.await(20, TimeUnit.SECONDS)).isTrue();
      database.execute(LONG_AGO);
      Thread looking = new Thread(() -> {
        listening.effects().recover();
        looked.countDown();
      });
      looking.start();
      looking.join();
      running.join();
    }
    assertThat(told).hasSize(1);
  }

  @Test
  void aFailureThatComesWhileTheCallbackRunsIsToldAsWell() {
    try (TestingEffects listening = listening((effect, failures) -> {
      if (told.isEmpty()) {
        database.execute("""
            INSERT INTO holdfast.rollback_failure
              (effect_id, position, failure_id, status, code, message, attempts, exception_chain)
            SELECT o.effect_id, o.position, gen_random_uuid(), 'open', 'compensation_failed', 'stuck', 1, 'stuck'
            FROM holdfast.effect_operation AS o
            WHERE o.request::text LIKE '%"2"%'""");
      }
      told.addAll(failures);
    })) {
      service.failing("undo 1 #1", new IllegalStateException("broken"));
      Throwable thrown = catchThrowable(() -> listening.effects().run("work", id, effect -> {
        effect.perform("one", new Order("2"));
        effect.perform("one", new Order("1"));
        throw new IllegalStateException("no");
      }));
      assertThat(thrown).isInstanceOf(EffectRollbackException.class);
      database.execute(LONG_AGO);
      listening.effects().recover();
    }
    assertThat(told)
        .extracting(failure -> failure.operation().position())
        .containsExactly("2", "1");
  }
}
