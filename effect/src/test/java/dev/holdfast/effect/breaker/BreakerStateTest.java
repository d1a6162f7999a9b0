package dev.holdfast.effect.breaker;

import static dev.holdfast.effect.breaker.BreakerPhase.CLOSED;
import static dev.holdfast.effect.breaker.BreakerPhase.HALF_OPEN;
import static dev.holdfast.effect.breaker.BreakerPhase.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.effect.breaker.BreakerState.Counts;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.JacksonCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Storing and restoring; guarantee G11 as far as it needs no database. */
class BreakerStateTest {

  private static final Instant NOW = TestingBreaker.START;
  private static final BreakerPolicy POLICY = BreakerPolicy.defaults();

  @Test
  void hasThreePhasesAndNoOther() {
    assertThat(BreakerPhase.values()).containsExactly(CLOSED, OPEN, HALF_OPEN);
    assertThat(BreakerPhase.valueOf("HALF_OPEN")).isEqualTo(HALF_OPEN);
    assertThatThrownBy(() -> BreakerPhase.valueOf("BROKEN"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void restoredWithTwelveSecondsLeftIsOpenForTwelveSeconds() {
    BreakerState stored =
        new BreakerState(OPEN, NOW.minusSeconds(48), 7, 31, Counts.NONE, List.of());
    TestingClock clock = new TestingClock();
    CircuitBreaker breaker =
        CircuitBreaker.builder("airline", POLICY).clock(clock).restored(stored).build();
    clock.pass(Duration.ofSeconds(12).minusNanos(1));
    assertThatThrownBy(breaker::acquire)
        .isInstanceOfSatisfying(
            BreakerOpenException.class, e -> assertThat(e.until()).isEqualTo(NOW.plusSeconds(12)));
    clock.pass(Duration.ofNanos(1));
    assertThat(breaker.acquire().isProbe()).isTrue();
    assertThat(breaker.state().epoch()).isEqualTo(8);
  }

  @Test
  void aRestoredHalfOpenBreakerStillKnowsItsProbes() {
    TestingBreaker before = TestingBreaker.halfOpen(POLICY);
    List<Permit> permits = before.permits(3);
    TestingBreaker after = TestingBreaker.of(POLICY);
    after.now = before.now;
    after.state = roundTrip(before.state);
    assertThat(after.isAdmitted()).isFalse();
    after.succeeded(permits.get(0), 0);
    after.succeeded(permits.get(1), 0);
    assertThat(after.phase()).isEqualTo(CLOSED);
  }

  @Test
  void aRestoredStateObeysANewPolicy() {
    TestingBreaker old = TestingBreaker.halfOpen(BreakerPolicy.builder()
        .halfOpenPermits(10)
        .permitExpiry(Duration.ofDays(1))
        .build());
    old.permits(10);
    TestingBreaker restored =
        TestingBreaker.of(BreakerPolicy.builder().halfOpenPermits(1).build());
    restored.now = old.now;
    restored.state = old.state;
    assertThat(restored.rejectedUntil()).isEqualTo(restored.now.plusSeconds(60));
    restored.passSeconds(60).succeed(2);
    assertThat(restored.phase()).isEqualTo(CLOSED);
  }

  @Test
  void comesBackFromJsonAsItWas() {
    TestingBreaker breaker = TestingBreaker.of(BreakerPolicy.fastFail());
    assertThat(roundTrip(breaker.state)).isEqualTo(breaker.state);
    breaker.succeed(5);
    breaker.fail(1);
    assertThat(roundTrip(breaker.state)).isEqualTo(breaker.state);
    breaker.fail(2);
    assertThat(roundTrip(breaker.state)).isEqualTo(breaker.state);
    breaker.passSeconds(30).permits(2);
    assertThat(roundTrip(breaker.state)).isEqualTo(breaker.state);
  }

  @Test
  void everyChangeHasANewVersion() {
    TestingBreaker breaker = TestingBreaker.of(POLICY);
    long version = breaker.state.version();
    for (int i = 0; i < 5; i++) {
      breaker.fail(1);
      assertThat(breaker.state.version()).isGreaterThan(version);
      version = breaker.state.version();
    }
    breaker.passSeconds(60).permit();
    assertThat(breaker.state.version()).isGreaterThan(version);
  }

  @Test
  void refusesPartsThatDoNotFitTogether() {
    Permit probe = new Permit(1, 1, NOW);
    Counts failures = new Counts(1, 0, CallWindow.EMPTY);
    Counts successes = new Counts(0, 1, CallWindow.EMPTY);
    refuses("no permits in OPEN", OPEN, 1, 1, Counts.NONE, List.of(probe));
    refuses("no permits in CLOSED", CLOSED, 1, 1, Counts.NONE, List.of(probe));
    refuses("no failures in OPEN", OPEN, 1, 1, failures, List.of());
    refuses("no failures in HALF_OPEN", HALF_OPEN, 1, 1, failures, List.of());
    refuses("no successes in OPEN", OPEN, 1, 1, successes, List.of());
    refuses("no successes in CLOSED", CLOSED, 1, 1, successes, List.of());
    refuses("0 <= epoch <= version", CLOSED, -1, 1, Counts.NONE, List.of());
    refuses("0 <= epoch <= version", CLOSED, 2, 1, Counts.NONE, List.of());
    refuses("probes of its own epoch", HALF_OPEN, 2, 2, Counts.NONE, List.of(probe));
    refuses("probes of its own epoch", HALF_OPEN, 2, 2, Counts.NONE, List.of(Permit.unlimited(2)));
  }

  @Test
  void refusesNegativeCountsAndNumbers() {
    assertThatThrownBy(() -> new Counts(-1, 0, CallWindow.EMPTY))
        .isInstanceOf(HoldfastException.class);
    assertThatThrownBy(() -> new Counts(0, -1, CallWindow.EMPTY))
        .isInstanceOf(HoldfastException.class);
    assertThatThrownBy(() -> new Permit(0, -1, NOW)).isInstanceOf(HoldfastException.class);
    assertThatThrownBy(() -> new Permit(-1, 0, NOW)).isInstanceOf(HoldfastException.class);
  }

  private static void refuses(
      String rule,
      BreakerPhase phase,
      long epoch,
      long version,
      Counts counts,
      List<Permit> permits) {
    assertThatThrownBy(() -> new BreakerState(phase, NOW, epoch, version, counts, permits))
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining(rule);
  }

  private static BreakerState roundTrip(BreakerState state) {
    JacksonCodec<BreakerState> codec = JacksonCodec.of(BreakerState.class);
    return Objects.requireNonNull(codec.decode(codec.encode(state)));
  }
}
