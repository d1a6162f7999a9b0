package dev.holdfast.effect.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One breaker, many threads; guarantee G11 as far as it needs no database. */
@Tag("G11")
class CircuitBreakerConcurrencyTest {

  private final TestingClock clock = new TestingClock();

  @Test
  void noFailureIsLost() throws Exception {
    CircuitBreaker breaker =
        breaker(BreakerPolicy.builder().failureThreshold(100).build());
    TestingThreads.run(10, thread -> () -> {
      for (int i = 0; i < 5; i++) {
        breaker.failed(breaker.acquire(), Duration.ZERO);
      }
      return thread;
    });
    assertThat(breaker.state().counts().consecutiveFailures()).isEqualTo(50);
    assertThat(breaker.state().version()).isEqualTo(50);
  }

  @Test
  void totalsOfMixedOutcomesAreExact() throws Exception {
    CircuitBreaker breaker = breaker(BreakerPolicy.builder()
        .failureThreshold(100)
        .failureRate(1)
        .window(Duration.ofMinutes(1), 1000)
        .build());
    TestingThreads.run(20, thread -> () -> {
      for (int i = 0; i < 40; i++) {
        report(breaker, i % 2 == 0);
      }
      return thread;
    });
    CallWindow window = breaker.state().counts().window();
    assertThat(window.calls()).isEqualTo(800);
    assertThat(window.failures()).isEqualTo(400);
  }

  @Test
  void mixedOutcomesAfterTrippingLeaveALegalState() throws Exception {
    BreakerPolicy policy = BreakerPolicy.builder().halfOpenPermits(10).build();
    for (int round = 0; round < 50; round++) {
      CircuitBreaker breaker = breaker(policy);
      breaker.forceOpen();
      clock.pass(policy.openDuration());
      TestingThreads.run(5, thread -> () -> {
        report(breaker, thread < 3);
        return thread;
      });
      BreakerState state = breaker.state();
      assertThat(state.phase()).isIn((Object[]) BreakerPhase.values());
      assertThat(state.permits()).isEmpty();
    }
  }

  @Test
  void everyRequestGetsAnAnswer() throws Exception {
    CircuitBreaker breaker = breaker(BreakerPolicy.defaults());
    AtomicInteger answers = new AtomicInteger();
    TestingThreads.run(10, thread -> () -> {
      for (int i = 0; i < 20; i++) {
        answers.addAndGet(breaker.call(() -> 1));
      }
      return thread;
    });
    assertThat(answers).hasValue(200);
  }

  @Test
  void breakersDoNotShareCounts() {
    CircuitBreaker airline = CircuitBreaker.of("airline", BreakerPolicy.defaults());
    CircuitBreaker hotel = CircuitBreaker.of("hotel", BreakerPolicy.defaults());
    airline.failed(airline.acquire(), Duration.ZERO);
    assertThat(airline.state().counts().consecutiveFailures()).isEqualTo(1);
    assertThat(hotel.state().counts().consecutiveFailures()).isZero();
  }

  @Test
  void fiftyThreadsGetExactlyThePermitsInHalfOpen() throws Exception {
    for (int permits : new int[] {1, 2, 3, 10}) {
      for (int round = 0; round < 10; round++) {
        assertThat(probesOfFiftyThreads(permits)).hasSize(permits).doesNotHaveDuplicates();
      }
    }
  }

  private List<Permit> probesOfFiftyThreads(int permits) throws Exception {
    CircuitBreaker breaker =
        breaker(BreakerPolicy.builder().halfOpenPermits(permits).build());
    AtomicInteger halfOpened = new AtomicInteger();
    breaker.forceOpen();
    breaker.addListener(transition -> halfOpened.incrementAndGet());
    clock.pass(Duration.ofSeconds(60));
    List<List<Permit>> probes = TestingThreads.run(50, thread -> () -> {
      try {
        return List.of(breaker.acquire());
      } catch (BreakerOpenException e) {
        return List.of();
      }
    });
    assertThat(halfOpened).hasValue(1);
    return probes.stream().flatMap(List::stream).toList();
  }

  @Test
  void neverMoreThanThePermitsRunAtOnceWhileProbesComeAndGo() throws Exception {
    CircuitBreaker breaker =
        breaker(BreakerPolicy.builder().halfOpenPermits(3).successThreshold(20).build());
    breaker.forceOpen();
    clock.pass(Duration.ofSeconds(60));
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    TestingThreads.run(50, thread -> () -> {
      probe(breaker, running, most);
      return thread;
    });
    assertThat(most.get()).isBetween(1, 3);
  }

  /** Probes are released, never successful: the breaker stays half-open throughout. */
  private static void probe(CircuitBreaker breaker, AtomicInteger running, AtomicInteger most) {
    for (int i = 0; i < 200; i++) {
      try {
        Permit permit = breaker.acquire();
        most.accumulateAndGet(running.incrementAndGet(), Math::max);
        running.decrementAndGet();
        breaker.released(permit);
      } catch (BreakerOpenException e) {
        Thread.onSpinWait();
      }
    }
  }

  private CircuitBreaker breaker(BreakerPolicy policy) {
    return CircuitBreaker.builder("airline", policy).clock(clock).build();
  }

  private static void report(CircuitBreaker breaker, boolean success) {
    try {
      Permit permit = breaker.acquire();
      if (success) {
        breaker.succeeded(permit, Duration.ZERO);
      } else {
        breaker.failed(permit, Duration.ZERO);
      }
    } catch (BreakerOpenException e) {
      assertThat(e.name()).isEqualTo("airline");
    }
  }
}
