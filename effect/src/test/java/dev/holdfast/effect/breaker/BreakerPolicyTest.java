package dev.holdfast.effect.breaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BreakerPolicyTest {

  private static final Duration TICK = Duration.ofNanos(1);

  @Test
  void hasTheDefaultsOfTheContract() {
    BreakerPolicy policy = BreakerPolicy.defaults();
    assertThat(policy.isEnabled()).isTrue();
    assertThat(policy.failureThreshold()).isEqualTo(5);
    assertThat(policy.successThreshold()).isEqualTo(2);
    assertThat(policy.openDuration()).isEqualTo(Duration.ofSeconds(60));
    assertThat(policy.halfOpenPermits()).isEqualTo(3);
    assertThat(policy.permitExpiry()).isEqualTo(Duration.ofSeconds(60));
    assertThat(policy.windowSize()).isEqualTo(Duration.ofMinutes(2));
    assertThat(policy.minimumCalls()).isEqualTo(20);
    assertThat(policy.failureRate()).isEmpty();
    assertThat(policy.slowCallDuration()).isEmpty();
    assertThat(policy.slowCallRate()).isEmpty();
  }

  @Test
  void acceptsEveryBound() {
    BreakerPolicy least = BreakerPolicy.builder()
        .failureThreshold(1)
        .successThreshold(1)
        .openDuration(Duration.ofMillis(1))
        .halfOpenPermits(1)
        .permitExpiry(Duration.ofMillis(1))
        .window(Duration.ofSeconds(1), 1)
        .failureRate(Double.MIN_VALUE)
        .slowCalls(Duration.ofMillis(1), Double.MIN_VALUE)
        .build();
    BreakerPolicy most = BreakerPolicy.builder()
        .failureThreshold(100)
        .successThreshold(20)
        .openDuration(Duration.ofDays(1))
        .halfOpenPermits(10)
        .permitExpiry(Duration.ofDays(1))
        .window(Duration.ofHours(1), 1000)
        .failureRate(1)
        .slowCalls(Duration.ofHours(1), 1)
        .build();
    assertThat(least.failureThreshold()).isEqualTo(1);
    assertThat(most.failureRate()).hasValue(1);
  }

  @Test
  void acceptsTheBoundsOfTheOriginalForms() {
    for (long seconds : new long[] {1, 10, 300, 3600}) {
      assertThat(BreakerPolicy.builder()
              .openDuration(Duration.ofSeconds(seconds))
              .build()
              .openDuration())
          .hasSeconds(seconds);
    }
  }

  @Test
  void refusesEveryNumberBeyondItsBound() {
    BreakerPolicy.Builder builder = BreakerPolicy.builder();
    refuses("failureThreshold is 1 to 100, not 0", () -> builder.failureThreshold(0));
    refuses("failureThreshold is 1 to 100, not 101", () -> builder.failureThreshold(101));
    refuses("successThreshold is 1 to 20, not 0", () -> builder.successThreshold(0));
    refuses("successThreshold is 1 to 20, not 21", () -> builder.successThreshold(21));
    refuses("halfOpenPermits is 1 to 10, not 0", () -> builder.halfOpenPermits(0));
    refuses("halfOpenPermits is 1 to 10, not 11", () -> builder.halfOpenPermits(11));
    refuses("minimumCalls is 1 to 1000, not 0", () -> builder.window(Duration.ofHours(1), 0));
    refuses("minimumCalls is 1 to 1000, not 1001", () -> builder.window(Duration.ofHours(1), 1001));
    refuses("failureRate is above 0 and at most 1, not 0.0", () -> builder.failureRate(0));
    refuses("failureRate is above 0 and at most 1, not 1.01", () -> builder.failureRate(1.01));
    refuses("failureRate is above 0", () -> builder.failureRate(Double.NaN));
    refuses("slowCallRate is above 0", () -> builder.slowCalls(Duration.ofSeconds(1), -0.1));
    refuses("slowCallRate is above 0", () -> builder.slowCalls(Duration.ofSeconds(1), 2));
  }

  @Test
  void refusesEveryDurationBeyondItsBound() {
    Duration tooShort = Duration.ofMillis(1).minus(TICK);
    Duration tooLong = Duration.ofDays(1).plus(TICK);
    Duration overAnHour = Duration.ofHours(1).plus(TICK);
    BreakerPolicy.Builder builder = BreakerPolicy.builder();
    refuses("openDuration is PT0.001S to PT24H, not", () -> builder.openDuration(tooShort));
    refuses("openDuration is PT0.001S to PT24H, not", () -> builder.openDuration(tooLong));
    refuses("permitExpiry is PT0.001S to PT24H, not", () -> builder.permitExpiry(tooShort));
    refuses("permitExpiry is PT0.001S to PT24H, not", () -> builder.permitExpiry(tooLong));
    refuses("windowSize is PT1S to PT1H", () -> builder.window(Duration.ofMillis(999), 1));
    refuses("windowSize is PT1S to PT1H", () -> builder.window(overAnHour, 1));
    refuses("slowCallDuration is PT0.001S to PT1H", () -> builder.slowCalls(tooShort));
    refuses("slowCallDuration is PT0.001S to PT1H", () -> builder.slowCalls(overAnHour));
  }

  @Test
  void presetsCarryTheirNumbers() {
    BreakerPolicy fastFail = BreakerPolicy.fastFail();
    assertThat(fastFail)
        .hasToString("BreakerPolicy[3 failures, 2 successes, open PT30S, 3 permits for PT1M,"
            + " failure rate 0.3, slow calls null at null, 5 calls in PT1M]");
    BreakerPolicy resilient = BreakerPolicy.resilient();
    assertThat(resilient)
        .hasToString("BreakerPolicy[10 failures, 5 successes, open PT2M, 3 permits for PT1M,"
            + " failure rate 0.6, slow calls null at null, 20 calls in PT5M]");
    assertThat(BreakerPolicy.disabled().isEnabled()).isFalse();
    assertThat(BreakerPolicy.disabled()).hasToString("BreakerPolicy[disabled]");
  }

  @Test
  void theLastWordOnSlowCallsCounts() {
    BreakerPolicy.Builder builder = BreakerPolicy.builder().slowCalls(Duration.ofSeconds(1), 0.5);
    assertThat(builder.build().slowCallRate()).hasValue(0.5);
    BreakerPolicy policy = builder.slowCalls(Duration.ofSeconds(2)).build();
    assertThat(policy.slowCallRate()).isEmpty();
    assertThat(policy.slowCallDuration()).hasValue(Duration.ofSeconds(2));
  }

  private static void refuses(String message, Runnable setting) {
    assertThatThrownBy(setting::run)
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
        .hasMessageContaining("Breaker: ")
        .hasMessageContaining(message);
  }
}
