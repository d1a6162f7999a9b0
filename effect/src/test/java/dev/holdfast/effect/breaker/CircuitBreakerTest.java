package dev.holdfast.effect.breaker;

import static dev.holdfast.effect.breaker.BreakerPhase.CLOSED;
import static dev.holdfast.effect.breaker.BreakerPhase.HALF_OPEN;
import static dev.holdfast.effect.breaker.BreakerPhase.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("G11")
class CircuitBreakerTest {

  private static final BreakerPolicy POLICY =
      BreakerPolicy.builder().failureThreshold(2).halfOpenPermits(1).build();

  private final TestingClock clock = new TestingClock();
  private final List<BreakerTransition> transitions = new ArrayList<>();

  private CircuitBreaker.Builder builder(BreakerPolicy policy) {
    return CircuitBreaker.builder("airline", policy)
        .clock(clock)
        .ticker(clock::nanos)
        .listener(transitions::add);
  }

  @Test
  void returnsWhatTheCallReturns() throws Exception {
    CircuitBreaker breaker = builder(POLICY).build();
    assertThat(breaker.call(() -> "booked")).isEqualTo("booked");
    assertThat(breaker.state().counts()).isEqualTo(BreakerState.Counts.NONE);
  }

  @Test
  void throwsWhatTheCallThrowsAndCountsIt() {
    CircuitBreaker breaker = builder(POLICY).build();
    IOException failure = new IOException("no route");
    assertThatThrownBy(() -> breaker.call(() -> fail(failure))).isSameAs(failure);
    assertThat(breaker.state().counts().consecutiveFailures()).isEqualTo(1);
    AssertionError error = new AssertionError("broken");
    assertThatThrownBy(() -> breaker.call(() -> fail(error))).isSameAs(error);
    assertThat(breaker.state().phase()).isEqualTo(OPEN);
  }

  @Test
  void anOpenBreakerDoesNotMakeTheCallAndSaysUntilWhen() {
    CircuitBreaker breaker = builder(POLICY).build();
    breaker.forceOpen();
    assertThatThrownBy(() -> breaker.call(() -> fail(new AssertionError("was called"))))
        .isInstanceOfSatisfying(BreakerOpenException.class, e -> {
          assertThat(e.name()).isEqualTo("airline");
          assertThat(e.until()).isEqualTo(clock.instant().plusSeconds(60));
          assertThat(e.context()).containsEntry("phase", OPEN);
        })
        .hasMessage("The breaker 'airline' is open; the call was not made,"
            + " try again at 2026-03-29T01:00:30Z");
  }

  @Test
  void aRejectionInHalfOpenSaysSo() {
    CircuitBreaker breaker = builder(POLICY).build();
    breaker.forceOpen();
    clock.pass(Duration.ofSeconds(60));
    breaker.acquire();
    assertThatThrownBy(breaker::acquire)
        .hasMessageContaining("is half-open and all its probes are under way");
  }

  @Test
  void tellsListenersOfEveryTransitionInOrder() throws Exception {
    CircuitBreaker breaker = builder(POLICY).build();
    breaker.failed(breaker.acquire(), Duration.ZERO);
    breaker.failed(breaker.acquire(), Duration.ZERO);
    clock.pass(Duration.ofSeconds(60));
    breaker.call(() -> "well");
    breaker.call(() -> "well");
    assertThat(transitions)
        .extracting(t -> t.before().phase() + " " + t.after().phase())
        .containsExactly("CLOSED OPEN", "OPEN HALF_OPEN", "HALF_OPEN CLOSED");
    assertThat(transitions).extracting(t -> t.after().epoch()).containsExactly(1L, 2L, 3L);
    assertThat(transitions).allMatch(t -> t.name().equals("airline"));
  }

  @Test
  void lookingTellsNobody() {
    CircuitBreaker breaker = builder(POLICY).build();
    breaker.forceOpen();
    clock.pass(Duration.ofSeconds(60));
    assertThat(breaker.state().phase()).isEqualTo(HALF_OPEN);
    assertThat(transitions).hasSize(1);
  }

  @Test
  void aListenerThatFailsChangesNothing() {
    List<BreakerTransition> heard = new ArrayList<>();
    CircuitBreaker breaker = CircuitBreaker.builder("airline", POLICY)
        .listener(transition -> {
          throw new IllegalStateException("listener of a test");
        })
        .listener(heard::add)
        .build();
    breaker.forceOpen();
    assertThat(breaker.state().phase()).isEqualTo(OPEN);
    assertThat(heard).hasSize(1);
  }

  @Test
  void aListenerMayCallTheBreakerAndBeRemoved() {
    CircuitBreaker breaker = builder(POLICY).build();
    BreakerListener closing = transition -> {
      if (transition.after().phase() == OPEN) {
        breaker.forceClose();
      }
    };
    breaker.addListener(closing);
    breaker.forceOpen();
    assertThat(breaker.state().phase()).isEqualTo(CLOSED);
    breaker.removeListener(closing);
    breaker.forceOpen();
    assertThat(breaker.state().phase()).isEqualTo(OPEN);
  }

  @Test
  void forcesAndResets() {
    CircuitBreaker breaker = builder(POLICY).build();
    breaker.failed(breaker.acquire(), Duration.ZERO);
    breaker.reset();
    assertThat(breaker.state().counts()).isEqualTo(BreakerState.Counts.NONE);
    breaker.forceOpen();
    assertThat(breaker).hasToString("CircuitBreaker[airline OPEN]");
    breaker.forceClose();
    assertThat(breaker).hasToString("CircuitBreaker[airline CLOSED]");
    breaker.forceOpen();
    breaker.reset();
    assertThat(breaker.state().phase()).isEqualTo(CLOSED);
  }

  @Test
  void readsAsDisabledWhenItIs() throws Exception {
    CircuitBreaker breaker = builder(BreakerPolicy.disabled()).build();
    for (int i = 0; i < 10; i++) {
      breaker.failed(breaker.acquire(), Duration.ofDays(1));
    }
    assertThat(breaker.call(() -> 1)).isEqualTo(1);
    assertThat(breaker).hasToString("CircuitBreaker[airline disabled]");
    assertThat(breaker.state().version()).isZero();
  }

  @Test
  void measuresHowLongACallTakes() throws Exception {
    BreakerPolicy policy = BreakerPolicy.builder()
        .failureThreshold(1)
        .slowCalls(Duration.ofSeconds(2))
        .build();
    CircuitBreaker breaker = builder(policy).build();
    breaker.call(() -> takes(Duration.ofMillis(1999)));
    assertThat(breaker.state().phase()).isEqualTo(CLOSED);
    breaker.call(() -> takes(Duration.ofSeconds(2)));
    assertThat(breaker.state().phase()).isEqualTo(OPEN);
  }

  @Test
  void interruptsAndRejectionsOfOthersAreNotCounted() {
    CircuitBreaker breaker = builder(POLICY).build();
    CircuitBreaker other = CircuitBreaker.of("hotel", POLICY);
    other.forceOpen();
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> breaker.call(() -> fail(new InterruptedException())))
          .isInstanceOf(InterruptedException.class);
      assertThatThrownBy(() -> breaker.call(() -> other.call(() -> 1)))
          .isInstanceOf(BreakerOpenException.class);
    }
    assertThat(breaker.state().version()).isZero();
  }

  @Test
  void anIgnoredProbeMakesRoomForTheNext() {
    CircuitBreaker breaker = builder(POLICY).build();
    breaker.forceOpen();
    clock.pass(Duration.ofSeconds(60));
    assertThatThrownBy(() -> breaker.call(() -> fail(new InterruptedException())))
        .isInstanceOf(InterruptedException.class);
    assertThat(breaker.acquire().isProbe()).isTrue();
  }

  @Test
  void theClassifierDecidesHowFailuresCount() {
    CircuitBreaker breaker = builder(POLICY)
        .classifier(e -> e instanceof IOException ? CallOutcome.FAILURE : CallOutcome.SUCCESS)
        .build();
    assertThatThrownBy(() -> breaker.call(() -> fail(new IOException())));
    assertThat(breaker.state().counts().consecutiveFailures()).isEqualTo(1);
    assertThatThrownBy(() -> breaker.call(() -> fail(new IllegalArgumentException())));
    assertThat(breaker.state().counts().consecutiveFailures()).isZero();
  }

  @Test
  void aClassifierThatFailsCountsAsAFailureAndHidesNothing() {
    CircuitBreaker breaker = builder(POLICY)
        .classifier(e -> {
          throw new IllegalStateException("classifier of a test");
        })
        .build();
    IOException failure = new IOException("no route");
    assertThatThrownBy(() -> breaker.call(() -> fail(failure))).isSameAs(failure);
    assertThat(breaker.state().counts().consecutiveFailures()).isEqualTo(1);
  }

  private int takes(Duration time) {
    clock.pass(time);
    return 1;
  }

  private static Object fail(Exception failure) throws Exception {
    throw failure;
  }

  private static Object fail(Error failure) {
    throw failure;
  }

  @Test
  @SuppressWarnings("NullAway") // As who does not check nullness may write it.
  void aClassifierThatFailsInAnyWayHidesNoFailureAndKeepsNoPermit() {
    IOException failure = new IOException("no route");
    List<Function<Throwable, CallOutcome>> classifiers = List.of(thrown -> null, thrown -> {
      throw new NoClassDefFoundError("some/Failures");
    });
    for (Function<Throwable, CallOutcome> classifier : classifiers) {
      CircuitBreaker breaker = builder(POLICY).classifier(classifier).build();
      breaker.forceOpen();
      clock.pass(Duration.ofSeconds(60));
      assertThatThrownBy(() -> breaker.call(() -> fail(failure))).isSameAs(failure);
      assertThat(breaker.state().phase()).as("the probe failed").isEqualTo(OPEN);
    }
  }
}
