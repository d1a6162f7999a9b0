package dev.holdfast.effect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.effect.TestingService.Receipt;
import dev.holdfast.effect.breaker.BreakerOpenException;
import dev.holdfast.effect.breaker.BreakerPhase;
import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.HandlerLifecycle;
import dev.holdfast.effect.handler.Reconciliation;
import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What may have been done is undone, what was certainly not done is not, and what another run has undone is not done any more. */
@HoldfastTest
@Tag("G8")
@Tag("G10")
final class CertaintyTest {

  @AutoClose
  private final TestingEffects testing;

  @AutoClose
  private final TestingEffects other;

  private final TestDatabase database;
  private final TestingService service = new TestingService();
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicReference<Throwable> thrown = new AtomicReference<>();
  private final String id = TestingEffects.newId();

  CertaintyTest(TestDatabase database) {
    this.database = database;
    this.testing = TestingEffects.on(database);
    this.other = TestingEffects.on(database);
  }

  /** A handler that is undone without knowing what it answered. */
  private EffectHandler<Order, Receipt> byRequest() {
    return service
        .withoutCompensation("book")
        .compensate((context, order) -> service.call("cancel " + order.item(), context));
  }

  /** A handler that does it, and answers when it is released. */
  private EffectHandler<Order, Receipt> held(EffectHandler<Order, Receipt> handler) {
    return handler.perform((context, order) -> {
      service.call("do " + order.item(), context);
      entered.countDown();
      assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
      return new Receipt("late");
    });
  }

  /** Runs in another thread, and returns when the handler is entered. */
  private Thread entering(String effectId, Order order) throws InterruptedException {
    Thread thread = new Thread(() -> thrown.set(catchThrowable(
        () -> testing.effects().run("work", effectId, effect -> effect.perform("book", order)))));
    thread.start();
    assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
    return thread;
  }

  /** Until it is interrupted, which it hides, as many libraries do. */
  private void hang() {
    try {
      assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException("no answer", e);
    }
  }

  private void assertFailsInTime(Order order) {
    assertThatThrownBy(() -> testing
            .effects()
            .run(
                "work",
                id,
                EffectOptions.defaults().timeout(Duration.ofMillis(300)),
                effect -> effect.perform("book", order)))
        .isInstanceOf(EffectFailedException.class);
  }

  private static RetryPolicy attempts(int attempts) {
    return RetryPolicy.builder()
        .maximumAttempts(attempts)
        .initialDelay(Duration.ofMillis(1))
        .jitter(Duration.ZERO)
        .build();
  }

  @Test
  void whatMayHaveBeenDoneIsUndoneAlsoWhenItsRepetitionIsRefused() throws Exception {
    testing.effects().register(held(byRequest()));
    other
        .effects()
        .register(
            byRequest().breaker(BreakerPolicy.builder().failureThreshold(1).build()));
    service.failing("do bad", new IllegalStateException("down"));
    assertThatThrownBy(() -> other
            .effects()
            .run("work", TestingEffects.newId(), e -> e.perform("book", new Order("bad"))))
        .hasMessageContaining("down");
    Thread first = entering(id, new Order("1"));
    testing.expireLease(id);

    assertThatThrownBy(() ->
            other.effects().run("work", id, effect -> effect.perform("book", new Order("1"))))
        .hasMessageContaining("breaker");
    assertThat(service.calls()).containsExactly("do bad", "do 1", "cancel 1");
    assertThat(other.operations(id)).containsExactly("1 book compensated");
    release.countDown();
    first.join();
  }

  @Test
  void whatIsReconciledAsNotDoneIsNotUndoneWhenItsRepetitionIsRefused() throws Exception {
    testing.effects().register(held(byRequest()));
    other.effects().register(byRequest().reconcile((context, order) -> Reconciliation.notDone()));
    Thread first = entering(id, new Order("1"));
    testing.expireLease(id);
    service.failing("do 1", new IllegalStateException("refused"));

    assertThatThrownBy(() ->
            other.effects().run("work", id, effect -> effect.perform("book", new Order("1"))))
        .hasMessageContaining("refused");
    assertThat(service.calls()).containsExactly("do 1", "do 1");
    assertThat(other.operations(id)).containsExactly("1 book failed");
    release.countDown();
    first.join();
  }

  @Test
  void aFailureFromWhichABodyWentOnIsThrownAgainWhenItIsResumed() throws Exception {
    EffectBody<String> body = effect -> {
      try {
        effect.perform("far", new Order("far"));
        return "with it";
      } catch (EffectFailedException e) {
        effect.perform("book", new Order("1"));
        return "without it";
      }
    };
    for (TestingEffects each : List.of(testing, other)) {
      each.effects().register(service.handler("far"));
    }
    testing.effects().register(held(byRequest()));
    other.effects().register(byRequest());
    service.failing("do far", new IOException("no answer"));
    Thread first =
        new Thread(() -> thrown.set(catchThrowable(() -> testing.effects().run("work", id, body))));
    first.start();
    assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
    service.repaired("do far");
    testing.expireLease(id);

    assertThat(other.effects().run("work", id, body)).isEqualTo("without it");
    assertThat(service.calls()).containsExactly("do far", "do 1", "do 1");
    assertThat(other.operations(id)).containsExactly("1 far unknown", "2 book succeeded");
    release.countDown();
    first.join();
  }

  @Test
  void nothingIsAttemptedAgainAfterAnotherRunHasTakenOver() throws Exception {
    other.effects().register(byRequest());
    testing.effects().register(byRequest().retry(attempts(3)).perform((context, order) -> {
      service.call("do in epoch " + context.epoch(), context);
      entered.countDown();
      assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
      throw new IOException("no answer");
    }));
    Thread first = entering(id, new Order("1"));
    testing.expireLease(id);
    assertThat(other.effects().recover()).isEqualTo(1);

    release.countDown();
    first.join();
    assertThat(service.calls()).containsExactly("do in epoch 1", "cancel 1");
    assertThat(thrown.get()).isInstanceOf(StaleLeaseException.class);
    assertThat(other.operations(id)).containsExactly("1 book compensated");
  }

  @Test
  void nothingIsAttemptedAgainAfterTheTimeOfTheWhole() {
    testing.effects().register(byRequest().retry(attempts(50)).perform((context, order) -> {
      service.call("do 1", context);
      if (context.attempt() == 1) {
        hang();
      }
      return new Receipt("again");
    }));

    assertFailsInTime(new Order("1"));
    assertThat(service.calls()).startsWith("do 1").doesNotHaveDuplicates();
  }

  @Test
  void whatWaitedForAPlaceWasNotDone() throws Exception {
    testing.effects().register(held(service.handler("book").concurrentCalls(1)));
    Thread first = entering(TestingEffects.newId(), new Order("1"));

    assertFailsInTime(new Order("2"));
    assertThat(testing.status(id)).isEqualTo("rolled_back");
    assertThat(testing.operations(id)).containsExactly("1 book failed");
    release.countDown();
    first.join();
    assertThat(service.calls()).containsExactly("do 1");
  }

  /** The heartbeat would find out as well, but only with its next beat. */
  @Test
  void whatWaitedLongForAPlaceIsNotDoneAfterAnotherRunHasTakenOver() throws Exception {
    try (TestingEffects waiting =
        TestingEffects.on(database, settings -> settings.lease(Duration.ofSeconds(3)))) {
      waiting.effects().register(held(service.handler("book").concurrentCalls(1)));
      Thread first =
          running(waiting, TestingEffects.newId(), new Order("1"), new AtomicReference<>());
      assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
      Thread second = running(waiting, id, new Order("2"), thrown);
      await().until(() -> waiting.operations(id).equals(List.of("1 book intended")));
      awaitRenewal(id);
      awaitRenewal(id);
      database.execute(
          "UPDATE holdfast.effect_transaction SET epoch = 2 WHERE id = '%s'".formatted(id));

      release.countDown();
      first.join();
      second.join();
    }
    assertThat(service.calls()).containsExactly("do 1");
    assertThat(thrown.get()).isInstanceOf(StaleLeaseException.class);
    assertThat(testing.operations(id)).containsExactly("1 book intended");
  }

  private static Thread running(
      TestingEffects effects, String effectId, Order order, AtomicReference<Throwable> failure) {
    Thread thread = new Thread(() -> failure.set(catchThrowable(
        () -> effects.effects().run("work", effectId, effect -> effect.perform("book", order)))));
    thread.start();
    return thread;
  }

  /** From one renewal to the next there is a third of a lease. */
  private void awaitRenewal(String effectId) {
    String before = lease(effectId);
    await().atMost(Duration.ofSeconds(20)).until(() -> !lease(effectId).equals(before));
  }

  private String lease(String effectId) {
    return database
        .queryStrings("SELECT leased_until::text FROM holdfast.effect_summary WHERE id = '%s'"
            .formatted(effectId))
        .get(0);
  }

  @Test
  void whatCouldNotBeStartedInTimeWasNotDone() {
    testing
        .effects()
        .register(service
            .handler("book")
            .timeout(Duration.ofMillis(100))
            .lifecycle(new HandlerLifecycle() {
              @Override
              public void start() {
                hang();
              }

              @Override
              public void stop() {}
            }));

    assertThatThrownBy(() ->
            testing.effects().run("work", id, effect -> effect.perform("book", new Order("1"))))
        .isInstanceOf(EffectFailedException.class);
    assertThat(testing.operations(id)).containsExactly("1 book failed");
    assertThat(service.calls()).isEmpty();
  }

  @Test
  void aPredicateThatFailsLeavesItOpenAndHidesNothing() {
    testing
        .effects()
        .register(byRequest()
            .uncertainWhen(failure ->
                Objects.requireNonNull(failure.getCause(), "no cause") instanceof IOException));
    service.failing("do 1", new SocketTimeoutException("reply lost"));

    assertThatThrownBy(() ->
            testing.effects().run("work", id, effect -> effect.perform("book", new Order("1"))))
        .hasMessageContaining("reply lost")
        .rootCause()
        .satisfies(cause ->
            assertThat(cause.getSuppressed()).anyMatch(NullPointerException.class::isInstance));
    assertThat(service.calls()).containsExactly("do 1", "cancel 1");
  }

  @Test
  void anAttemptEndsAtTheTimeOfItsPolicy() {
    testing
        .effects()
        .register(byRequest()
            .retry(RetryPolicy.builder()
                .maximumAttempts(1)
                .attemptTimeout(Duration.ofMillis(100))
                .build())
            .perform((context, order) -> {
              hang();
              return new Receipt("late");
            }));

    assertThatThrownBy(() ->
            testing.effects().run("work", id, effect -> effect.perform("book", new Order("1"))))
        .hasMessageContaining("not done within PT0.1S");
    assertThat(service.calls()).containsExactly("cancel 1");
  }

  @Test
  void aHandlerIsStartedAgainOnlyWhenItHasStopped() throws Exception {
    List<String> events = new CopyOnWriteArrayList<>();
    EffectHandler<Order, Receipt> handler = service
        .handler("book")
        .lifecycle(new HandlerLifecycle() {
          @Override
          public void start() {
            events.add("start");
          }

          @Override
          public void stop() throws Exception {
            events.add("stop begins");
            entered.countDown();
            assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
            events.add("stop ends");
          }
        });
    testing.effects().register(handler);
    testing.effects().run("work", id, effect -> effect.perform("book", new Order("1")));
    Thread stopping = new Thread(() -> testing.effects().handlers().unregister("book"));
    stopping.start();
    assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();

    testing.effects().register(handler);
    Thread starting = new Thread(() -> testing
        .effects()
        .run("work", TestingEffects.newId(), effect -> effect.perform("book", new Order("2"))));
    starting.start();
    await()
        .until(() -> starting.getState() == Thread.State.WAITING
            || starting.getState() == Thread.State.TERMINATED);
    release.countDown();
    starting.join();
    stopping.join();
    assertThat(events).containsExactly("start", "stop begins", "stop ends", "start");
  }

  @Test
  void aFailureThatCannotTellItsMessageLeavesItOpenLikeOthers() {
    testing.effects().register(byRequest().uncertainWhen(failure -> true));
    service.failing("do 1", new UnspeakableException());

    assertThatThrownBy(() ->
            testing.effects().run("work", id, effect -> effect.perform("book", new Order("1"))))
        .isInstanceOf(EffectFailedException.class);
    assertThat(service.calls()).containsExactly("do 1", "cancel 1");
    assertThat(testing.operations(id)).containsExactly("1 book compensated");
  }

  @Test
  void aPredicateThatFailsWithAnErrorLeavesItOpenAndHidesNothing() {
    testing.effects().register(byRequest().uncertainWhen(failure -> {
      throw new NoClassDefFoundError("some/Failures");
    }));
    service.failing("do 1", new SocketTimeoutException("reply lost"));

    assertThatThrownBy(() ->
            testing.effects().run("work", id, effect -> effect.perform("book", new Order("1"))))
        .hasMessageContaining("reply lost")
        .rootCause()
        .satisfies(cause -> assertThat(cause.getSuppressed()).anyMatch(Error.class::isInstance));
    assertThat(service.calls()).containsExactly("do 1", "cancel 1");
  }

  /** What cannot be written down, and says so with an error. */
  record Frail(String text) {
    @Override
    public String text() {
      throw new NoClassDefFoundError("some/Text");
    }
  }

  private EffectHandler<Order, Frail> frail() {
    return EffectHandler.of("frail", Order.class, Frail.class)
        .perform((context, order) -> {
          service.call("do " + order.item(), context);
          return new Frail("text");
        })
        .compensate((context, order) -> service.call("cancel " + order.item(), context));
  }

  @Test
  void whatAnswersWhatCannotBeWrittenForAnErrorWasDone() {
    testing.effects().register(frail());

    assertThatThrownBy(() ->
            testing.effects().run("work", id, effect -> effect.perform("frail", new Order("1"))))
        .isInstanceOf(EffectFailedException.class);
    assertThat(service.calls()).containsExactly("do 1", "cancel 1");
    assertThat(testing.operations(id)).containsExactly("1 frail compensated");
  }

  @Test
  void whatIsReconciledWithSuchAnAnswerKeepsNothingElseFromBeingUndone() {
    testing.effects().register(service.handler("one"));
    testing
        .effects()
        .register(frail().reconcile((context, order) -> Reconciliation.done(new Frail("text"))));
    service.failing("do 2", new IOException("no answer"));

    assertThatThrownBy(() -> testing.effects().run("work", id, effect -> {
          effect.perform("one", new Order("1"));
          return effect.perform("frail", new Order("2"));
        }))
        .isInstanceOf(EffectRollbackException.class);
    assertThat(service.calls()).containsExactly("do 1", "do 2", "undo 1 #1");
    assertThat(testing.status(id)).isEqualTo("rollback_failed");
  }

  /** The handler asks a breaker of its own, which has the same name. */
  @Test
  void aRejectionThatTheHandlerItselfThrowsIsAFailureOfIt() {
    testing
        .effects()
        .register(service
            .withoutCompensation("guarded")
            .compensate((context, order) -> service.call("cancel " + order.item(), context))
            .breaker(BreakerPolicy.defaults())
            .uncertainWhen(failure -> true)
            .retry(attempts(2)));
    service.failing("do 1", new BreakerOpenException("guarded", BreakerPhase.OPEN, Instant.EPOCH));

    assertThatThrownBy(() ->
            testing.effects().run("work", id, effect -> effect.perform("guarded", new Order("1"))))
        .isInstanceOf(EffectFailedException.class);
    assertThat(service.calls()).containsExactly("do 1", "do 1", "cancel 1");
    assertThat(testing.effects().callMetrics().rejections()).isZero();
  }
}
