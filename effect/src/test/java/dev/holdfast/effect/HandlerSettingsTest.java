package dev.holdfast.effect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.effect.TestingService.Receipt;
import dev.holdfast.effect.breaker.BreakerPhase;
import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.breaker.BreakerState;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.HandlerLifecycle;
import dev.holdfast.effect.handler.HandlerSettings;
import dev.holdfast.effect.registry.Candidate;
import dev.holdfast.effect.registry.Selection;
import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What holds for all handlers: limits of those that set none, validation, start and stop. */
@HoldfastTest
final class HandlerSettingsTest {

  private static final RetryPolicy TWICE = RetryPolicy.builder()
      .maximumAttempts(2)
      .initialDelay(Duration.ZERO)
      .jitter(Duration.ZERO)
      .build();

  private final TestDatabase database;
  private final TestingService service = new TestingService();
  private final String id = TestingEffects.newId();

  HandlerSettingsTest(TestDatabase database) {
    this.database = database;
  }

  private TestingEffects open(HandlerSettings settings) {
    return TestingEffects.on(database, effects -> effects.handlers(settings));
  }

  private void run(TestingEffects testing, String handler) {
    testing
        .effects()
        .run("work", TestingEffects.newId(), effect -> effect.perform(handler, new Order("1")));
  }

  /** A switch of threads for each call would cost as much as the call. */
  @Test
  void aCallThatIsInTimeWakesNoOtherThread() {
    try (TestingEffects testing = open(HandlerSettings.defaults())) {
      testing.effects().register(service.handler("quick"));
      run(testing, "quick");
      long before = timeoutThreadWaits();
      for (int i = 0; i < 100; i++) {
        run(testing, "quick");
      }
      assertThat(timeoutThreadWaits() - before).isLessThan(50);
    }
  }

  /** How often those threads have begun to wait; without a call, about once a second. */
  private static long timeoutThreadWaits() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
        .filter(Objects::nonNull)
        .filter(thread -> thread.getThreadName().startsWith("holdfast-timeout"))
        .mapToLong(ThreadInfo::getWaitedCount)
        .sum();
  }

  @Test
  void aHandlerThatSetsNothingHasTheLimitsOfAll() {
    HandlerSettings settings = HandlerSettings.defaults()
        .retry(TWICE)
        .timeout(Duration.ofMillis(50))
        .breaker(BreakerPolicy.builder().failureThreshold(2).build());
    try (TestingEffects testing = open(settings)) {
      EffectHandler<Order, Receipt> slow = service
          .handler("slow")
          .perform((context, order) -> {
            service.call("do", context);
            TimeUnit.SECONDS.sleep(30);
            return new Receipt("never");
          })
          .compensate((context, order) -> {});
      testing.effects().register(slow);
      assertThatThrownBy(() -> run(testing, "slow"))
          .hasRootCauseInstanceOf(InterruptedException.class)
          .hasStackTraceContaining(TimeoutException.class.getName());
      assertThat(service.calls()).containsExactly("do", "do");
      assertThat(testing.effects().breaker("slow"))
          .map(BreakerState::phase)
          .contains(BreakerPhase.OPEN);
    }
  }

  @Test
  void whatAHandlerSaysItselfWins() {
    HandlerSettings settings = HandlerSettings.defaults()
        .retry(TWICE)
        .compensationRetry(TWICE)
        .breaker(BreakerPolicy.builder().failureThreshold(1).build());
    try (TestingEffects testing = open(settings)) {
      service.failing("do 1", new IllegalStateException("down"));
      testing
          .effects()
          .register(service
              .handler("own")
              .retry(RetryPolicy.never())
              .breaker(BreakerPolicy.builder().disable().build()))
          .register(service.handler("good"));
      for (int i = 1; i <= 2; i++) {
        assertThatThrownBy(() -> run(testing, "own")).hasMessageContaining("down");
        assertThat(service.calls()).hasSize(i);
      }
    }
  }

  @Test
  void compensationsAreRetriedAsAllAre() {
    try (TestingEffects testing = open(HandlerSettings.defaults().compensationRetry(TWICE))) {
      service.failing("undo 1 #1", new IllegalStateException("down"));
      testing.effects().register(service.handler("one"));
      assertThatThrownBy(() -> testing.effects().run("work", id, effect -> {
            effect.perform("one", new Order("1"));
            throw new IllegalStateException("changed my mind");
          }))
          .isInstanceOf(EffectRollbackException.class);
      assertThat(service.calls()).containsExactly("do 1", "undo 1 #1", "undo 1 #1");
    }
  }

  @Test
  void allHandlersTogetherKeepTheirLimit() throws Exception {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (TestingEffects testing = open(HandlerSettings.defaults().concurrentCalls(2))) {
      for (int i = 0; i < 4; i++) {
        testing.effects().register(service.handler("h" + i).perform((context, order) -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          TimeUnit.MILLISECONDS.sleep(20);
          now.decrementAndGet();
          return new Receipt("n");
        }));
      }
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String handler = "h" + i % 4;
        Thread thread = new Thread(() -> run(testing, handler));
        thread.start();
        threads.add(thread);
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(testing.effects().metrics().committed()).isEqualTo(8);
    }
    assertThat(most.get()).isEqualTo(2);
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    HandlerSettings defaults = HandlerSettings.defaults();
    for (Runnable wrong : List.<Runnable>of(
        () -> defaults.concurrentCalls(0),
        () -> defaults.timeout(Duration.ZERO),
        () -> defaults.timeout(Duration.ofDays(2)),
        () -> service.handler("h").timeout(Duration.ofNanos(10)))) {
      assertThatThrownBy(wrong::run)
          .isInstanceOfSatisfying(
              HoldfastException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION));
    }
  }

  private EffectHandler<Order, Receipt> picky() {
    return service
        .handler("picky")
        .validateRequest(order -> {
          if (order.item().isEmpty()) {
            throw new IllegalArgumentException("nothing is ordered");
          }
        })
        .validateResponse(receipt -> {
          if (receipt == null || receipt.number().equals("#bad")) {
            throw new IllegalArgumentException("no such number");
          }
        });
  }

  @Test
  void aRequestIsRefusedBeforeAnythingIsWrittenOrCalled() {
    try (TestingEffects testing = open(HandlerSettings.defaults())) {
      testing.effects().register(picky());
      assertThatThrownBy(() ->
              testing.effects().run("work", id, effect -> effect.perform("picky", new Order(""))))
          .hasMessageContaining("nothing is ordered")
          .hasCauseInstanceOf(HoldfastException.class);
      assertThat(testing.status(id)).isEqualTo("absent");
      assertThat(service.calls()).isEmpty();
    }
  }

  @Test
  void aResponseThatIsRefusedIsCompensatedWithTheResponse() {
    try (TestingEffects testing = open(HandlerSettings.defaults())) {
      testing.effects().register(picky());
      assertThatThrownBy(() -> testing
              .effects()
              .run("work", id, effect -> effect.perform("picky", new Order("bad"))))
          .isInstanceOf(EffectFailedException.class)
          .hasMessageContaining("no such number");
      assertThat(service.calls()).containsExactly("do bad", "undo bad #bad");
      assertThat(testing.status(id)).isEqualTo("rolled_back");
    }
  }

  @Test
  void aRefusedResponseIsRefusedAgainWhenItIsAnsweredAgain() {
    try (TestingEffects testing = open(HandlerSettings.defaults())) {
      testing.effects().register(picky());
      EffectBody<String> catching = effect -> {
        try {
          effect.perform("picky", new Order("bad"));
          return "accepted";
        } catch (EffectFailedException e) {
          return "refused";
        }
      };
      assertThat(testing.effects().run("work", id, catching)).isEqualTo("refused");
      assertThat(testing.effects().run("work", id, catching)).isEqualTo("refused");
      assertThat(service.calls()).containsExactly("do bad");
    }
  }

  @Test
  void validationCanBeSwitchedOff() {
    try (TestingEffects testing = open(HandlerSettings.defaults().withoutValidation())) {
      testing.effects().register(picky());
      testing.effects().run("work", id, effect -> effect.perform("picky", new Order("bad")));
      assertThat(testing.status(id)).isEqualTo("committed");
    }
  }

  /** Writes down when it is started and stopped, and fails when told to. */
  private final class TestingLifecycle implements HandlerLifecycle {
    private final AtomicInteger failures;

    TestingLifecycle(int failures) {
      this.failures = new AtomicInteger(failures);
    }

    @Override
    public void start() throws Exception {
      service.call("start", null);
      if (failures.getAndDecrement() > 0) {
        throw new ConnectException("refused");
      }
    }

    @Override
    public void stop() throws Exception {
      service.call("stop", null);
    }
  }

  @Test
  void aHandlerIsStartedBeforeItsFirstCallAndStoppedAtTheEnd() {
    service.failing("stop", new IllegalStateException("stuck"));
    try (TestingEffects testing = open(HandlerSettings.defaults())) {
      testing
          .effects()
          .register(service.handler("one").lifecycle(new TestingLifecycle(0)))
          .register(service.handler("unused").lifecycle(new TestingLifecycle(0)));
      assertThat(service.calls()).isEmpty();
      run(testing, "one");
      run(testing, "one");
      assertThat(service.calls()).containsExactly("start", "do 1", "do 1");
      testing.effects().close();
      testing.effects().close();
    }
    assertThat(service.calls()).containsExactly("start", "do 1", "do 1", "stop");
  }

  @Test
  void aStartThatFailsIsAnOperationThatDidNothing() {
    try (TestingEffects testing = open(HandlerSettings.defaults())) {
      testing.effects().register(service.handler("one").lifecycle(new TestingLifecycle(1)));
      assertThatThrownBy(() ->
              testing.effects().run("work", id, effect -> effect.perform("one", new Order("1"))))
          .hasMessageContaining("could not be started: refused");
      assertThat(service.calls()).as("neither done nor undone").containsExactly("start");
      assertThat(testing.operations(id)).containsExactly("1 one failed");
      run(testing, "one");
      assertThat(service.calls()).containsExactly("start", "start", "do 1");
    }
    assertThat(service.calls()).containsExactly("start", "start", "do 1", "stop");
  }

  @Test
  void soIsOneWhoseFailureCannotTellItsMessage() {
    HandlerLifecycle unspeakable = new HandlerLifecycle() {
      @Override
      public void start() {
        throw new UnspeakableException();
      }

      @Override
      public void stop() {}
    };
    try (TestingEffects testing = open(HandlerSettings.defaults())) {
      testing.effects().register(service.handler("one").lifecycle(unspeakable));
      assertThatThrownBy(() ->
              testing.effects().run("work", id, effect -> effect.perform("one", new Order("1"))))
          .hasMessageContaining("could not be started");
      assertThat(service.calls()).as("neither done nor undone").isEmpty();
      assertThat(testing.operations(id)).containsExactly("1 one failed");
    }
  }

  @Test
  void anUnregisteredHandlerIsStoppedWhenItsLastCallHasEnded() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (TestingEffects testing = open(HandlerSettings.defaults())) {
      testing
          .effects()
          .register(Candidate.of(service
              .handler("one")
              .lifecycle(new TestingLifecycle(0))
              .perform((context, order) -> {
                entered.countDown();
                goOn.await(20, TimeUnit.SECONDS);
                service.call("do 1", context);
                return new Receipt("1");
              })));
      Thread thread = new Thread(() -> run(testing, "one"));
      thread.start();
      assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(testing.effects().handlers().unregister("one")).isTrue();
      assertThat(service.calls()).containsExactly("start");
      goOn.countDown();
      thread.join();
      assertThat(service.calls()).containsExactly("start", "do 1", "stop");
    }
    assertThat(service.calls()).containsExactly("start", "do 1", "stop");
  }

  @Test
  void lifecyclesCanBeSwitchedOff() {
    try (TestingEffects testing = open(HandlerSettings.defaults().withoutLifecycle())) {
      testing.effects().register(service.handler("one").lifecycle(new TestingLifecycle(0)));
      run(testing, "one");
    }
    assertThat(service.calls()).containsExactly("do 1");
  }

  @Test
  void stepsCanBeRefused() {
    try (TestingEffects testing = TestingEffects.on(database, Effects.Builder::withoutSteps)) {
      assertThatThrownBy(() -> testing.effects().run("work", id, effect -> {
            effect.step("note", tx -> {});
            return "done";
          }))
          .hasMessageContaining("switched off");
      assertThat(testing.status(id)).isEqualTo("absent");
    }
  }

  @Test
  void aStopThatFailsWithAnErrorHindersNothing() {
    HandlerLifecycle frail = new HandlerLifecycle() {
      @Override
      public void start() throws Exception {
        service.call("start", null);
      }

      @Override
      public void stop() {
        throw new NoClassDefFoundError("some/Client");
      }
    };
    EffectHandler<Order, Receipt> handler = service.handler("one").lifecycle(frail);
    try (TestingEffects testing = open(HandlerSettings.defaults())) {
      testing.effects().register(handler);
      run(testing, "one");
      assertThat(testing.effects().handlers().unregister("one")).isTrue();
      testing.effects().register(handler);
      run(testing, "one");
      assertThat(service.calls()).containsExactly("start", "do 1", "start", "do 1");
    }
  }

  @Test
  void aHandlerOfTwoProvidersIsNotStoppedAfterEachCall() {
    EffectHandler<Order, Receipt> handler =
        service.handler("one").lifecycle(new TestingLifecycle(0));
    try (TestingEffects testing = open(HandlerSettings.defaults())) {
      testing
          .effects()
          .register(Candidate.of(handler).provider("first").priority(1))
          .register(Candidate.of(handler).provider("second"));
      testing.effects().handlers().select(Selection.of(Map.of("one", "second")));
      run(testing, "one");
      run(testing, "one");
      assertThat(service.calls()).containsExactly("start", "do 1", "do 1");
    }
    assertThat(service.calls()).containsExactly("start", "do 1", "do 1", "stop");
  }

  @Test
  void aStartThatIsInterruptedEndsTheAttemptsAndHandsTheInterruptBack() {
    HandlerLifecycle slow = new HandlerLifecycle() {
      @Override
      public void start() throws Exception {
        service.call("start", null);
        Thread.currentThread().interrupt();
        TimeUnit.SECONDS.sleep(60);
      }

      @Override
      public void stop() {}
    };
    try (TestingEffects testing = open(HandlerSettings.defaults().retry(TWICE))) {
      testing.effects().register(service.handler("one").lifecycle(slow));
      assertThatThrownBy(() -> run(testing, "one")).isInstanceOf(EffectFailedException.class);
      assertThat(Thread.interrupted()).as("handed back").isTrue();
    }
    assertThat(service.calls()).containsExactly("start");
  }

  @Test
  void aRefusalThatCannotTellItsMessageIsOneLikeOthers() {
    try (TestingEffects testing = open(HandlerSettings.defaults())) {
      testing
          .effects()
          .register(service.handler("request").validateRequest(order -> {
            throw new UnspeakableException();
          }))
          .register(service.handler("response").validateResponse(receipt -> {
            throw new UnspeakableException();
          }));
      for (String handler : List.of("request", "response")) {
        assertThatThrownBy(() -> run(testing, handler))
            .cause()
            .isInstanceOf(HoldfastException.class)
            .hasMessageContaining("is refused");
      }
      assertThat(service.calls()).containsExactly("do 1", "undo 1 #1");
    }
  }

  @Test
  void aValidationThatIsInterruptedHandsTheInterruptBack() {
    try (TestingEffects testing = open(HandlerSettings.defaults())) {
      testing
          .effects()
          .register(service.handler("request").validateRequest(order -> interrupted()))
          .register(service.handler("response").validateResponse(receipt -> interrupted()));
      for (String handler : List.of("request", "response")) {
        assertThatThrownBy(() -> run(testing, handler)).isInstanceOf(EffectFailedException.class);
        assertThat(Thread.interrupted()).as(handler).isTrue();
      }
    }
  }

  private static void interrupted() throws InterruptedException {
    Thread.currentThread().interrupt();
    TimeUnit.SECONDS.sleep(60);
  }
}
