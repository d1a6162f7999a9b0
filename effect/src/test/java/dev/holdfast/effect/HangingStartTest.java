package dev.holdfast.effect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.effect.handler.HandlerLifecycle;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A handler whose start does not end, whoever interrupts it. */
@HoldfastTest
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class HangingStartTest {

  private final CountDownLatch starting = new CountDownLatch(1);
  private final CountDownLatch mayEnd = new CountDownLatch(1);
  private final AtomicInteger stops = new AtomicInteger();
  private final TestingService service = new TestingService();
  private final TestingEffects testing;
  private final Thread caller;

  HangingStartTest(TestDatabase database) {
    this.testing =
        TestingEffects.on(database, settings -> settings.closePatience(Duration.ofMillis(100)));
    this.caller = new Thread(new FutureTask<>(this::call), "caller");
  }

  private final class Hanging implements HandlerLifecycle {

    @Override
    public void start() {
      starting.countDown();
      boolean interrupted = false;
      while (mayEnd.getCount() > 0) {
        try {
          mayEnd.await();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void stop() {
      stops.incrementAndGet();
    }
  }

  @BeforeEach
  void beginToStart() throws InterruptedException {
    testing
        .effects()
        .register(service.handler("one").timeout(Duration.ofMillis(200)).lifecycle(new Hanging()));
    caller.start();
    assertThat(starting.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @AfterEach
  void end() throws InterruptedException {
    mayEnd.countDown();
    caller.join();
    testing.close();
  }

  private Object call() {
    return testing
        .effects()
        .run("work", TestingEffects.newId(), effect -> effect.perform("one", new Order("1")));
  }

  @Test
  void doesNotKeepClosingWaitingAndIsStoppedWhenItHasEnded() {
    testing.effects().close();
    assertThat(stops).hasValue(0);

    mayEnd.countDown();
    await().untilAsserted(() -> assertThat(stops).hasValue(1));
  }

  /** An interrupt hurries who closes, and is no reason to leave open what is idle. */
  @Test
  void whoIsInterruptedStopsWhatIsIdleAllTheSame() {
    mayEnd.countDown();
    await().until(() -> caller.getState() == Thread.State.TERMINATED);

    Thread.currentThread().interrupt();
    testing.effects().close();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(stops).hasValue(1);
  }

  @Test
  void doesNotKeepAnotherCallLongerThanItsTime() {
    assertThat(catchThrowable(this::call))
        .isInstanceOf(EffectFailedException.class)
        .hasRootCauseInstanceOf(InterruptedException.class)
        .hasStackTraceContaining(TimeoutException.class.getName());
    assertThat(service.calls()).isEmpty();
  }
}
