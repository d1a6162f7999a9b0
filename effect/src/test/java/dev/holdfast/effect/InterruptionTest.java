package dev.holdfast.effect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.effect.TestingService.Receipt;
import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.handler.Reconciliation;
import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Timeouts, interrupts and closing end a body and not its compensations; handlers are called within their limits. */
@HoldfastTest
@Tag("G8")
final class InterruptionTest {

  /** Longer than a busy machine needs for what comes before and after it. */
  private static final Duration LIMIT = Duration.ofSeconds(5);

  @AutoClose
  private final TestingEffects testing;

  private final TestDatabase database;
  private final Effects effects;
  private final TestingService service = new TestingService();
  private final CountDownLatch entered = new CountDownLatch(1);
  private final String id = TestingEffects.newId();

  InterruptionTest(TestDatabase database) {
    this.database = database;
    this.testing = TestingEffects.on(database);
    this.effects = testing.effects();
  }

  @BeforeEach
  void register() {
    register(effects);
  }

  private void register(Effects into) {
    into.register(service.handler("one"))
        .register(service
            .handler("hang")
            .perform((context, order) -> {
              service.call("do " + order.item(), context);
              entered.countDown();
              TimeUnit.SECONDS.sleep(60);
              return new Receipt("never");
            })
            .reconcile((context, order) -> {
              // A compensation must not see the interrupt of the body.
              TimeUnit.MILLISECONDS.sleep(20);
              service.call("look " + order.item(), context);
              return Reconciliation.notDone();
            })
            .timeout(Duration.ofSeconds(30)));
  }

  private static final EffectBody<Object> BODY = effect -> {
    effect.perform("one", new Order("1"));
    return effect.perform("hang", new Order("2"));
  };

  private void assertRolledBack() {
    assertThat(service.calls()).containsExactly("do 1", "do 2", "look 2", "undo 1 #1");
    assertThat(testing.status(id)).isEqualTo("rolled_back");
  }

  @Test
  void aHandlerThatHangsIsInterrupted() {
    effects.register(service
        .handler("brief")
        .perform((context, order) -> {
          service.call("do " + order.item(), context);
          TimeUnit.SECONDS.sleep(60);
          return new Receipt("never");
        })
        .reconcile((context, order) -> Reconciliation.done(new Receipt("done after all")))
        .timeout(Duration.ofMillis(50)));
    assertThatThrownBy(
            () -> effects.run("work", id, effect -> effect.perform("brief", new Order("b"))))
        .isInstanceOf(EffectFailedException.class)
        .hasRootCauseInstanceOf(InterruptedException.class)
        .hasMessageContaining("not done within PT0.05S");
    assertThat(service.calls()).containsExactly("do b", "undo b done after all");
    assertThat(Thread.interrupted()).as("the interrupt was the handler's").isFalse();
  }

  @Test
  void theTimeOfTheWholeIsLimited() {
    assertThatThrownBy(() -> effects.run("work", id, EffectOptions.defaults().timeout(LIMIT), BODY))
        .isInstanceOf(EffectFailedException.class)
        .hasCauseInstanceOf(TimeoutException.class);
    assertRolledBack();
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void theTimeOfTheWholeIsOneThatAClockCanCount() {
    for (Duration limit :
        List.of(Duration.ZERO, Duration.ofNanos(999_999), Duration.ofSeconds(Long.MAX_VALUE))) {
      assertThatThrownBy(() -> EffectOptions.defaults().timeout(limit))
          .isInstanceOf(HoldfastException.class)
          .hasMessage(
              "The timeout of an effect transaction must be 1 ms to 292 years, not " + limit);
    }
    EffectOptions longest = EffectOptions.defaults().timeout(Duration.ofNanos(Long.MAX_VALUE));
    assertThat(effects.<String>run("work", id, longest, effect -> "done")).isEqualTo("done");
  }

  @Test
  void aBodyThatSwallowsItsTimeoutDoesNotCommit() {
    assertThatThrownBy(() ->
            effects.run("work", id, EffectOptions.defaults().timeout(LIMIT), effect -> {
              try {
                BODY.run(effect);
              } catch (EffectFailedException e) {
                return "all is well";
              }
              return "unexpected";
            }))
        .isInstanceOf(EffectFailedException.class);
    assertRolledBack();
  }

  @Test
  void anInterruptRollsBackAndIsHandedBack() throws Exception {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread thread = new Thread(() -> {
      try {
        effects.run("work", id, BODY);
      } catch (Throwable e) {
        thrown.set(e);
        interrupted.set(Thread.currentThread().isInterrupted());
      }
    });
    thread.start();
    assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
    thread.interrupt();
    thread.join();
    assertThat(thrown.get())
        .isInstanceOf(EffectFailedException.class)
        .hasRootCauseInstanceOf(InterruptedException.class);
    assertThat(interrupted).isTrue();
    assertRolledBack();
  }

  @Test
  void closingStopsBodiesThatDoNotEndAndTheyRollBack() throws Exception {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    TestingEffects closing = TestingEffects.on(database, settings -> settings.closePatience(LIMIT));
    register(closing.effects());
    Thread thread = new Thread(() -> {
      try {
        closing.effects().run("work", id, BODY);
      } catch (Throwable e) {
        thrown.set(e);
      }
    });
    thread.start();
    assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
    closing.close();
    thread.join();
    assertThat(thrown.get()).isInstanceOf(EffectFailedException.class);
    assertRolledBack();
    assertThatThrownBy(() -> closing.effects().run("work", "new", effect -> "done"))
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  @Test
  void whoOutlivesClosingIsToldThatItIsClosed() {
    TestingEffects closing =
        TestingEffects.on(database, settings -> settings.closePatience(Duration.ofMillis(100)));
    register(closing.effects());
    assertThatThrownBy(() -> closing.effects().run("work", id, effect -> {
          effect.perform("one", new Order("1"));
          closing
              .effects()
              .close(); // As somebody else may do during a call that ignores interrupts
          return effect.perform("one", new Order("2"));
        }))
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
    assertThat(Thread.interrupted()).as("the interrupt is handed back").isTrue();
    closing.close();
    assertThat(service.calls()).containsExactly("do 1");
    assertThat(testing.status(id)).as("left to others").isEqualTo("running");
  }

  @Test
  void operationsAreRetriedWithTheSameKey() {
    List<String> keys = new ArrayList<>();
    effects.register(service
        .handler("flaky")
        .perform((context, order) -> {
          keys.add(context.idempotencyKey() + " " + context.attempt());
          if (context.attempt() < 3) {
            throw new IllegalStateException("again");
          }
          return new Receipt("third");
        })
        .retry(RetryPolicy.builder()
            .maximumAttempts(4)
            .initialDelay(Duration.ZERO)
            .jitter(Duration.ZERO)
            .build()));
    Receipt receipt = effects.run("work", id, effect -> effect.perform("flaky", new Order("f")));
    assertThat(receipt.number()).isEqualTo("third");
    String key = new EffectId("work", id).uuid() + "/1";
    assertThat(keys).containsExactly(key + " 1", key + " 2", key + " 3");
    assertThat(testing.attempts(id)).containsExactly("1 perform 1 failed", "1 perform 2 failed");
  }

  @Test
  void anOpenBreakerKeepsTheHandlerFromBeingCalled() {
    effects.register(service
        .handler("breaking")
        .perform((context, order) -> {
          service.call("do " + order.item(), context);
          throw new IllegalStateException("down");
        })
        .breaker(BreakerPolicy.builder().failureThreshold(2).build()));
    for (int i = 1; i <= 4; i++) {
      String each = id + i;
      assertThatThrownBy(
              () -> effects.run("work", each, effect -> effect.perform("breaking", new Order("b"))))
          .isInstanceOf(EffectFailedException.class)
          .hasMessageContaining(i <= 2 ? "down" : "is open");
    }
    assertThat(service.calls()).containsExactly("do b", "do b");
  }

  @Test
  void noMoreCallsThanAllowedRunAtOnce() throws Exception {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    effects.register(service
        .handler("narrow")
        .perform((context, order) -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          TimeUnit.MILLISECONDS.sleep(10);
          now.decrementAndGet();
          return new Receipt("n");
        })
        .concurrentCalls(2));
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String each = id + i;
      Thread thread = new Thread(
          () -> effects.run("work", each, effect -> effect.perform("narrow", new Order("n"))));
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(most.get()).isEqualTo(2);
    assertThat(effects.metrics().committed()).isEqualTo(8);
  }

  @Test
  void anInterruptWithinAScopeIsHandedBack() {
    assertThatThrownBy(() -> effects.run(
            "work",
            id,
            effect -> effect.scope("part", inner -> {
              inner.perform("one", new Order("1"));
              Thread.currentThread().interrupt();
              TimeUnit.SECONDS.sleep(60);
              return "unexpected";
            })))
        .isInstanceOf(EffectFailedException.class)
        .hasRootCauseInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(service.calls()).containsExactly("do 1", "undo 1 #1");
  }

  @Test
  void whoIsToldOfAScopeThatWasInterruptedIsNot() {
    List<String> told = new ArrayList<>();
    try (TestingEffects telling = TestingEffects.on(
        database,
        settings -> settings.onRollbackFailure((effect, failures) -> {
          TimeUnit.MILLISECONDS.sleep(1);
          failures.forEach(failure -> told.add(failure.operation().name()));
        }))) {
      register(telling.effects());
      service.failing("undo 1 #1", new IllegalStateException("broken"));
      assertThatThrownBy(() -> telling
              .effects()
              .run(
                  "work",
                  id,
                  effect -> effect.scope("part", inner -> {
                    inner.perform("one", new Order("1"));
                    Thread.currentThread().interrupt();
                    return inner.perform("one", new Order("2"));
                  })))
          .isInstanceOf(EffectRollbackException.class);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(told).containsExactly("one");
    }
  }

  @Test
  void anInterruptOfABodyThatIsAnsweredIsHandedBack() {
    effects.run("work", id, effect -> "done");
    assertThatThrownBy(() -> effects.run("work", id, effect -> {
          Thread.currentThread().interrupt();
          TimeUnit.SECONDS.sleep(60);
          return "done";
        }))
        .isInstanceOf(EffectFailedException.class);
    assertThat(Thread.interrupted()).isTrue();
  }
}
