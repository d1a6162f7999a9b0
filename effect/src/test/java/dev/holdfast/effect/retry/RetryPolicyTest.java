package dev.holdfast.effect.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RetryPolicyTest {

  private static final RandomGenerator MOST = new TestingRandom(1);
  private static final RandomGenerator LEAST = new TestingRandom(0);

  @Test
  void hasTheDefaultsOfTheContract() {
    assertThat(RetryPolicy.defaults())
        .hasToString("RetryPolicy[EXPONENTIAL, 4 attempts, PT1S to PT5M, multiplier 2.0,"
            + " jitter PT1S, attempt timeout null]");
  }

  @Test
  void fixedDelaysStayTheSame() {
    assertThat(millis(RetryStrategy.FIXED, 2, MOST))
        .containsExactly(1000L, 1000L, 1000L, 1000L, 1000L, 1000L, 1000L, 1000L, 1000L, 1000L);
  }

  @Test
  void linearDelaysGrowByTheMultiplierLessOne() {
    assertThat(millis(RetryStrategy.LINEAR, 2, MOST))
        .containsExactly(1000L, 2000L, 3000L, 4000L, 5000L, 6000L, 7000L, 8000L, 9000L, 10000L);
    assertThat(millis(RetryStrategy.LINEAR, 1.5, MOST))
        .containsExactly(1000L, 1500L, 2000L, 2500L, 3000L, 3500L, 4000L, 4500L, 5000L, 5500L);
  }

  @Test
  void exponentialDelaysGrowByTheMultiplier() {
    assertThat(millis(RetryStrategy.EXPONENTIAL, 2, MOST))
        .containsExactly(
            1000L, 2000L, 4000L, 8000L, 16000L, 32000L, 64000L, 128000L, 256000L, 512000L);
    assertThat(millis(RetryStrategy.EXPONENTIAL, 3, MOST).get(9)).isEqualTo(19_683_000L);
  }

  @Test
  void exponentialDelaysAreExactToTheNanosecond() {
    RetryPolicy policy = policy(RetryStrategy.EXPONENTIAL).multiplier(1.5).build();
    assertThat(policy.delayBefore(11, MOST))
        .hasValue(Duration.ofSeconds(38).plusNanos(443_359_375));
  }

  @Test
  void randomDelaysAreAShareOfTheExponentialOnes() {
    assertThat(millis(RetryStrategy.RANDOM, 2, MOST))
        .isEqualTo(millis(RetryStrategy.EXPONENTIAL, 2, MOST));
    assertThat(millis(RetryStrategy.RANDOM, 2, new TestingRandom(0.5)))
        .containsExactly(
            500L, 1000L, 2000L, 4000L, 8000L, 16000L, 32000L, 64000L, 128000L, 256000L);
    assertThat(millis(RetryStrategy.RANDOM, 2, LEAST)).containsOnly(0L);
  }

  @Test
  void fibonacciDelaysAreTheSumOfTheTwoBefore() {
    assertThat(millis(RetryStrategy.FIBONACCI, 2, MOST))
        .containsExactly(1000L, 1000L, 2000L, 3000L, 5000L, 8000L, 13000L, 21000L, 34000L, 55000L);
  }

  @ParameterizedTest
  @EnumSource(RetryStrategy.class)
  void delaysNeverExceedTheMaximum(RetryStrategy strategy) {
    RetryPolicy policy = policy(strategy)
        .maximumDelay(Duration.ofSeconds(7))
        .jitter(Duration.ofSeconds(2))
        .build();
    assertThat(delays(policy, MOST)).allMatch(delay -> delay.compareTo(Duration.ofSeconds(7)) <= 0);
  }

  @Test
  void theMaximumCutsTheGrowth() {
    RetryPolicy policy =
        policy(RetryStrategy.EXPONENTIAL).maximumDelay(Duration.ofSeconds(5)).build();
    assertThat(delays(policy, MOST).subList(0, 5))
        .extracting(Duration::toSeconds)
        .containsExactly(1L, 2L, 4L, 5L, 5L);
  }

  @ParameterizedTest
  @EnumSource(RetryStrategy.class)
  void noAttemptNumberOverflows(RetryStrategy strategy) {
    RetryPolicy policy = policy(strategy).multiplier(10).build();
    int last = Integer.MAX_VALUE;
    for (int attempt : new int[] {64, 65, 100, 1_000, 1_000_000, last - 1, last}) {
      Duration expected = strategy == RetryStrategy.FIXED
          ? Duration.ofSeconds(1)
          : strategy == RetryStrategy.LINEAR
              ? Duration.ofSeconds(Math.min(86_400, 1 + (attempt - 2) * 9L))
              : Duration.ofDays(1);
      assertThat(policy.delayBefore(attempt, MOST)).hasValue(expected);
    }
  }

  @ParameterizedTest
  @EnumSource(RetryStrategy.class)
  void delaysOfTheSmallestPartsDoNotOverflowEither(RetryStrategy strategy) {
    RetryPolicy none = policy(strategy).initialDelay(Duration.ZERO).build();
    assertThat(none.delayBefore(Integer.MAX_VALUE, MOST)).hasValue(Duration.ZERO);
    RetryPolicy tiny =
        policy(strategy).initialDelay(Duration.ofNanos(1)).multiplier(1).build();
    Duration expected =
        strategy == RetryStrategy.FIBONACCI ? Duration.ofDays(1) : Duration.ofNanos(1);
    assertThat(tiny.delayBefore(Integer.MAX_VALUE, MOST)).hasValue(expected);
  }

  @Test
  void jitterIsAddedBelowTheMaximum() {
    RetryPolicy policy =
        policy(RetryStrategy.FIXED).jitter(Duration.ofMillis(300)).build();
    assertThat(policy.delayBefore(2, LEAST)).hasValue(Duration.ofSeconds(1));
    assertThat(policy.delayBefore(2, new TestingRandom(0.5))).hasValue(Duration.ofMillis(1150));
    assertThat(policy.delayBefore(2, MOST)).hasValue(Duration.ofMillis(1300));
  }

  @Test
  void jitterKeepsItsWidthAtTheMaximum() {
    RetryPolicy policy = policy(RetryStrategy.FIXED)
        .jitter(Duration.ofMillis(300))
        .maximumDelay(Duration.ofMillis(1100))
        .build();
    assertThat(policy.delayBefore(2, LEAST)).hasValue(Duration.ofMillis(800));
    assertThat(policy.delayBefore(2, MOST)).hasValue(Duration.ofMillis(1100));
  }

  @Test
  void jitterWiderThanTheMaximumIsCutToIt() {
    RetryPolicy policy = policy(RetryStrategy.FIXED)
        .jitter(Duration.ofHours(1))
        .maximumDelay(Duration.ofSeconds(2))
        .build();
    assertThat(policy.delayBefore(2, LEAST)).hasValue(Duration.ZERO);
    assertThat(policy.delayBefore(2, MOST)).hasValue(Duration.ofSeconds(2));
  }

  @ParameterizedTest
  @EnumSource(RetryStrategy.class)
  void jitterStaysWithinItsBounds(RetryStrategy strategy) {
    long seed = 20260329;
    RandomGenerator random = new SplittableRandom(seed);
    RetryPolicy plain = policy(strategy).maximumDelay(Duration.ofSeconds(60)).build();
    RetryPolicy jittered = policy(strategy)
        .maximumDelay(Duration.ofSeconds(60))
        .jitter(Duration.ofSeconds(1))
        .build();
    for (int attempt = 2; attempt < 500; attempt++) {
      Duration most = plain.delayBefore(attempt, MOST).orElseThrow();
      Duration least = plain.delayBefore(attempt, LEAST).orElseThrow();
      assertThat(jittered.delayBefore(attempt, random).orElseThrow())
          .as("seed %d, attempt %d", seed, attempt)
          .isBetween(least.minusSeconds(1), most.plusSeconds(1))
          .isBetween(Duration.ZERO, Duration.ofSeconds(60));
    }
  }

  @Test
  void theFirstAttemptDoesNotWaitAndTheOneAfterTheLastIsNotThere() {
    RetryPolicy policy = policy(RetryStrategy.FIXED).maximumAttempts(3).build();
    assertThat(policy.delayBefore(1, MOST)).hasValue(Duration.ZERO);
    assertThat(policy.delayBefore(3, MOST)).isPresent();
    assertThat(policy.delayBefore(4, MOST)).isEmpty();
    assertThat(RetryPolicy.never().delayBefore(2, MOST)).isEmpty();
  }

  @Test
  void refusesAttemptsBelowOne() {
    for (int attempt : new int[] {0, -1, Integer.MIN_VALUE}) {
      assertThatThrownBy(() -> RetryPolicy.defaults().delayBefore(attempt, MOST))
          .isInstanceOfSatisfying(
              HoldfastException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
          .hasMessageContaining("there is no attempt " + attempt);
    }
  }

  @Test
  void retriesExceptionsButNeverInterruptsOrErrors() {
    RetryPolicy policy = RetryPolicy.defaults();
    assertThat(policy.isRetryable(new IOException())).isTrue();
    assertThat(policy.isRetryable(new InterruptedException())).isFalse();
    assertThat(policy.isRetryable(new StackOverflowError())).isFalse();
    RetryPolicy all = RetryPolicy.builder().retryOn(failure -> true).build();
    assertThat(all.isRetryable(new StackOverflowError())).isTrue();
    assertThat(all.isRetryable(new InterruptedException())).isFalse();
  }

  @Test
  void carriesTheTimeoutOfAnAttempt() {
    assertThat(RetryPolicy.defaults().attemptTimeout()).isEmpty();
    assertThat(
            RetryPolicy.builder().attemptTimeout(Duration.ofSeconds(3)).build().attemptTimeout())
        .hasValue(Duration.ofSeconds(3));
  }

  @Test
  void refusesNumbersOutOfRange() {
    RetryPolicy.Builder builder = RetryPolicy.builder();
    Duration tooLong = Duration.ofDays(1).plusNanos(1);
    refuses("initialDelay is PT0S to PT24H", () -> builder.initialDelay(Duration.ofNanos(-1)));
    refuses("initialDelay is PT0S to PT24H", () -> builder.initialDelay(tooLong));
    refuses("maximumDelay is PT0S to PT24H", () -> builder.maximumDelay(tooLong));
    refuses("jitter is PT0S to PT24H", () -> builder.jitter(Duration.ofNanos(-1)));
    refuses("multiplier is 1.0 to 10.0, not 0.9", () -> builder.multiplier(0.9));
    refuses("multiplier is 1.0 to 10.0, not NaN", () -> builder.multiplier(Double.NaN));
    refuses("maximumAttempts is 1 to 2147483647, not 0", () -> builder.maximumAttempts(0));
    refuses("attemptTimeout is PT0.000000001S", () -> builder.attemptTimeout(Duration.ZERO));
    refuses(
        "initialDelay is at most the maximumDelay, PT1S, not PT2S",
        () -> RetryPolicy.builder()
            .initialDelay(Duration.ofSeconds(2))
            .maximumDelay(Duration.ofSeconds(1))
            .build());
  }

  private static void refuses(String message, Runnable setting) {
    assertThatThrownBy(setting::run)
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
        .hasMessageContaining(message);
  }

  private static RetryPolicy.Builder policy(RetryStrategy strategy) {
    return RetryPolicy.builder()
        .strategy(strategy)
        .maximumDelay(Duration.ofDays(1))
        .jitter(Duration.ZERO)
        .maximumAttempts(Integer.MAX_VALUE);
  }

  /** The first ten delays. */
  private static List<Duration> delays(RetryPolicy policy, RandomGenerator random) {
    return IntStream.rangeClosed(2, 11)
        .mapToObj(attempt -> policy.delayBefore(attempt, random).orElseThrow())
        .toList();
  }

  private static List<Long> millis(
      RetryStrategy strategy, double multiplier, RandomGenerator random) {
    List<Duration> delays = delays(policy(strategy).multiplier(multiplier).build(), random);
    return delays.stream().map(Duration::toMillis).toList();
  }
}
