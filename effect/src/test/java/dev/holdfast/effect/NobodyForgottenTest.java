package dev.holdfast.effect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever stops a run, a callback or a retry, the next look of recovery finds what is left to do. */
@HoldfastTest
@Tag("G9")
@Tag("G10")
final class NobodyForgottenTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final TestDatabase database;

  @AutoClose
  private final TestingEffects testing;

  private final TestingService service = new TestingService();
  private final String id = TestingEffects.newId();

  NobodyForgottenTest(TestDatabase database) {
    this.database = database;
    this.testing = TestingEffects.on(database);
  }

  @BeforeEach
  void register() {
    testing.clear();
    testing.effects().register(service.handler("one"));
  }

  @Test
  void anExceptionThatCannotTellItsMessageIsRolledBackLikeOthers() {
    Throwable thrown = catchThrowable(() -> testing.effects().run("work", id, effect -> {
      effect.perform("one", new Order("1"));
      throw new UnspeakableException();
    }));

    assertThat(thrown).isInstanceOf(EffectFailedException.class);
    assertThat(testing.status(id)).isEqualTo("rolled_back");
    assertThat(service.calls()).containsExactly("do 1", "undo 1 #1");
  }

  /** What the operation was asked is looked for in the message then. */
  @Test
  void soIsOneAfterAnOperationThatWasGivenASecret() {
    testing
        .effects()
        .register(EffectHandler.of("login", Map.class, String.class)
            .perform((context, request) -> "done")
            .compensate((context, request, response) -> service.call("log out", context)));

    Throwable thrown = catchThrowable(() -> testing.effects().run("work", id, effect -> {
      effect.perform("login", Map.of("password", "s3cr3t-text"));
      throw new UnspeakableException();
    }));

    assertThat(thrown).isInstanceOf(EffectFailedException.class);
    assertThat(testing.status(id)).isEqualTo("rolled_back");
    assertThat(service.calls()).containsExactly("log out");
  }

  /** Without a journal to write to, rolling back fails; its lease must not be renewed by the process that gave up. */
  @Test
  void whatARunCouldNotRollBackIsFoundByRecovery() {
    try (TestingEffects brief =
        TestingEffects.on(database, settings -> settings.lease(Duration.ofMillis(300)))) {
      brief.effects().register(service.handler("one"));
      assertThatThrownBy(() -> brief.effects().run("work", id, effect -> {
            effect.perform("one", new Order("1"));
            database.execute("ALTER TABLE holdfast.effect_compensation RENAME TO away");
            throw new IllegalStateException("no");
          }))
          .isInstanceOf(RuntimeException.class);
      database.execute("ALTER TABLE holdfast.away RENAME TO effect_compensation");

      await().atMost(PATIENCE).until(() -> testing.effects().recover() == 1);
    }
    assertThat(testing.status(id)).isEqualTo("rolled_back");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCallbackThatFailsDoesNotEndRecovery(boolean withError) {
    try (TestingEffects recovering = TestingEffects.on(
        database,
        settings -> settings
            .recoveryInterval(Duration.ofMillis(50))
            .lease(Duration.ofMillis(300))
            .onRollbackFailure((effect, failures) -> {
              if (withError) {
                throw new NoClassDefFoundError("some/Alerting");
              }
              throw new IllegalStateException("no alerting");
            }))) {
      recovering.effects().register(service.handler("one"));
      abandon(id, "1");
      await().atMost(PATIENCE).until(() -> reportErrors() == 1);

      String second = TestingEffects.newId();
      abandon(second, "2");
      await().atMost(PATIENCE).until(() -> reportErrors() == 2);
      assertThat(testing.status(second)).isEqualTo("rollback_failed");
    }
  }

  private long reportErrors() {
    return database.queryLong(
        "SELECT count(*) FROM holdfast.rollback_failure WHERE report_error IS NOT NULL");
  }

  /** Recovery takes over while the body is still at it; what it did is not known then, and cannot be undone without knowing. */
  private void abandon(String effectId, String item) {
    Throwable unused = catchThrowable(() -> testing.effects().run("work", effectId, effect -> {
      effect.perform("one", new Order(item));
      testing.expireLease(effectId);
      await().atMost(PATIENCE).until(() -> !testing.status(effectId).equals("running"));
      return "late";
    }));
    assertThat(unused).isInstanceOf(StaleLeaseException.class);
  }

  @Test
  void aRetryWhoseProcessDiedIsMadeAgain() {
    RetryPolicy policy = RetryPolicy.builder()
        .maximumAttempts(10)
        .initialDelay(Duration.ofMillis(1))
        .maximumDelay(Duration.ofMillis(2))
        .jitter(Duration.ZERO)
        .build();
    try (TestingEffects retrying =
        TestingEffects.on(database, settings -> settings.retryRollbackFailures(policy))) {
      retrying.effects().register(service.handler("one"));
      service.failing("undo 1 #1", new IllegalStateException("broken"));
      assertThatThrownBy(() -> retrying.effects().run("work", id, effect -> {
            effect.perform("one", new Order("1"));
            throw new IllegalStateException("no");
          }))
          .isInstanceOf(EffectRollbackException.class);
      service.repaired("undo 1 #1");
      retriedElsewhereUntil("clock_timestamp() + interval '1 hour'");
      retrying.effects().recover();
      assertThat(testing.status(id)).as("while it is retried").isEqualTo("rollback_failed");

      retriedElsewhereUntil("clock_timestamp() - interval '1 hour'");
      retrying.effects().recover();
      assertThat(testing.status(id)).isEqualTo("resolved");
    }
  }

  private void retriedElsewhereUntil(String time) {
    database.execute("""
        UPDATE holdfast.rollback_failure
        SET status = 'retrying', owner = gen_random_uuid(), attempts = 2, leased_until = %s,
          next_retry_at = clock_timestamp() - interval '1 hour'""".formatted(time));
  }

  /** Closing waits for a body that takes long; meanwhile the process must not renew the lease of another that it did not let in. */
  @Test
  void whatClosingDoesNotLetInIsFoundByRecovery() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    AtomicInteger recovered = new AtomicInteger();
    CountDownLatch release = new CountDownLatch(1);
    TestingEffects closing = TestingEffects.on(
        database,
        settings -> settings.lease(Duration.ofMillis(300)).closePatience(Duration.ofMinutes(10)));
    closing.effects().register(service.handler("one"));
    Thread holding = new Thread(() -> closing.effects().run("work", "long", effect -> {
      entered.countDown();
      return release.await(5, TimeUnit.MINUTES);
    }));
    holding.start();
    assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
    Thread closer = new Thread(closing::close);
    closer.start();
    await().atMost(PATIENCE).until(() -> isRefused(closing, TestingEffects.newId()));

    Throwable thrown = catchThrowable(() -> testing.effects().run("work", id, effect -> {
      effect.perform("one", new Order("1"));
      testing.expireLease(id);
      assertThat(isRefused(closing, id)).isTrue();
      await().atMost(PATIENCE).until(() -> recovered.addAndGet(testing.effects().recover()) == 1);
      return "late";
    }));
    release.countDown();
    holding.join();
    closer.join();
    assertThat(recovered).as("while it was closing").hasValue(1);
    assertThat(thrown).isInstanceOf(StaleLeaseException.class);
  }

  private static boolean isRefused(TestingEffects closing, String effectId) {
    Throwable thrown =
        catchThrowable(() -> closing.effects().run("work", effectId, effect -> "done"));
    return thrown instanceof HoldfastException refused && refused.code() == ErrorCode.CLOSED;
  }

  @Test
  void aRetryThatCannotBeNotedSaysWhatItFailedWith() {
    AtomicBoolean retried = new AtomicBoolean();
    testing.effects().register(service.handler("two").compensate((context, order) -> {
      if (retried.get()) {
        database.execute("ALTER TABLE holdfast.rollback_failure RENAME TO away");
      }
      throw new IllegalStateException("still broken");
    }));
    assertThatThrownBy(() -> testing.effects().run("work", id, effect -> {
          effect.perform("two", new Order("1"));
          throw new IllegalStateException("no");
        }))
        .isInstanceOf(EffectRollbackException.class);
    UUID failure = testing.effects().rollbackFailures().of("work", id).get(0).id();
    retried.set(true);

    Throwable thrown = catchThrowable(() -> testing.effects().rollbackFailures().retry(failure));
    database.execute("ALTER TABLE holdfast.away RENAME TO rollback_failure");
    assertThat(thrown).isInstanceOf(HoldfastException.class);
    assertThat(thrown.getSuppressed()).extracting(Throwable::getMessage).contains("still broken");
  }

  @Test
  void aScopeThatCannotBeUndoneSaysWhyItFailed() {
    Throwable thrown = catchThrowable(() -> testing
        .effects()
        .run(
            "work",
            id,
            effect -> effect.scope("part", inner -> {
              inner.perform("one", new Order("1"));
              database.execute("ALTER TABLE holdfast.effect_outcome RENAME TO away");
              throw new IllegalStateException("why");
            })));
    database.execute("ALTER TABLE holdfast.away RENAME TO effect_outcome");
    assertThat(thrown).isInstanceOf(HoldfastException.class);
    assertThat(thrown.getSuppressed()).extracting(Throwable::getMessage).contains("why");
  }
}
