package dev.holdfast.effect.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.effect.IncomparableException;
import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.breaker.CircuitBreaker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RetryTest {

  private final List<Duration> pauses = new ArrayList<>();
  private final List<Exception> failures = new ArrayList<>();

  @AfterEach
  void noInterruptIsLeft() {
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void returnsTheFirstSuccess() throws Exception {
    assertThat(retry(5).call(() -> failFirst(2))).isEqualTo("done after 2");
    assertThat(pauses).extracting(Duration::toSeconds).containsExactly(1L, 2L);
  }

  @Test
  void aSuccessAtOnceDoesNotPause() throws Exception {
    assertThat(retry(5).call(() -> failFirst(0))).isEqualTo("done after 0");
    assertThat(pauses).isEmpty();
  }

  @Test
  void oneAttemptIsOneAttempt() {
    assertThatThrownBy(() -> retry(1).call(() -> failFirst(9)))
        .hasMessage("failure 1")
        .hasNoSuppressedExceptions();
    assertThat(failures).hasSize(1);
    assertThat(pauses).isEmpty();
  }

  @Test
  void theLastFailureCarriesTheEarlierOnes() {
    Throwable thrown = catchThrowable(() -> retry(4).call(() -> failFirst(9)));
    assertThat(thrown).isSameAs(failures.get(3));
    assertThat(thrown.getSuppressed()).containsExactlyElementsOf(failures.subList(0, 3));
    assertThat(pauses).hasSize(3);
  }

  @Test
  void ofManyEarlierFailuresTheNewestTwentyAreKept() {
    Throwable thrown = catchThrowable(() -> retry(100).call(() -> failFirst(1000)));
    assertThat(thrown).hasMessage("failure 100");
    assertThat(thrown.getSuppressed()).containsExactlyElementsOf(failures.subList(79, 99));
  }

  @Test
  void aFailureThatIsThrownAgainAndAgainIsNotSuppressedInItself() {
    IOException same = new IOException("always the same");
    assertThatThrownBy(() -> retry(4).call(() -> {
          throw same;
        }))
        .isSameAs(same)
        .hasNoSuppressedExceptions();
    assertThat(pauses).hasSize(3);
  }

  @Test
  void aFailureThatIsNotRetryableEndsTheAttempts() {
    RetryPolicy policy =
        RetryPolicy.builder().retryOn(IOException.class::isInstance).build();
    IllegalStateException fatal = new IllegalStateException("no use");
    Throwable thrown = catchThrowable(() -> retry(policy).call(() -> {
      failFirst(1);
      throw fatal;
    }));
    assertThat(thrown).isSameAs(fatal);
    assertThat(thrown.getSuppressed()).containsExactlyElementsOf(failures);
  }

  @Test
  void anErrorEndsTheAttempts() {
    assertThatThrownBy(() -> retry(4).call(() -> {
          throw new AssertionError("broken");
        }))
        .isInstanceOf(AssertionError.class);
    assertThat(pauses).isEmpty();
  }

  @Test
  void aPredicateThatFailsEndsTheAttemptsAndHidesNothing() {
    IllegalStateException broken = new IllegalStateException("predicate of a test");
    RetryPolicy policy = RetryPolicy.builder()
        .retryOn(failure -> {
          throw broken;
        })
        .build();
    assertThatThrownBy(() -> retry(policy).call(() -> failFirst(9)))
        .hasMessage("failure 1")
        .hasSuppressedException(broken);
  }

  @Test
  void anInterruptOfTheCallEndsTheAttempts() {
    InterruptedException interrupt = new InterruptedException("the call");
    assertThatThrownBy(() -> retry(4).call(() -> {
          throw interrupt;
        }))
        .isSameAs(interrupt);
    assertThat(pauses).isEmpty();
  }

  @Test
  void anInterruptOfThePauseEndsTheAttemptsWithTheFailuresSoFar() {
    InterruptedException interrupt = new InterruptedException("the pause");
    Retry retry = new Retry(
        policy(4),
        pause -> {
          throw interrupt;
        },
        new TestingRandom(0));
    Throwable thrown = catchThrowable(() -> retry.call(() -> failFirst(9)));
    assertThat(thrown).isSameAs(interrupt);
    assertThat(thrown.getSuppressed()).containsExactlyElementsOf(failures);
  }

  @Test
  void anInterruptDuringAnAttemptThatFailsOtherwiseEndsTheAttempts() {
    Throwable thrown = catchThrowable(() -> retry(4).call(() -> {
      Thread.currentThread().interrupt();
      return failFirst(9);
    }));
    assertThat(thrown)
        .isInstanceOf(InterruptedException.class)
        .hasMessage("interrupted before attempt 2");
    assertThat(thrown.getSuppressed()).containsExactlyElementsOf(failures);
    assertThat(pauses).isEmpty();
  }

  @Test
  void theRealSleeperEndsWithAnInterrupt() {
    RetryPolicy policy =
        RetryPolicy.builder().initialDelay(Duration.ofSeconds(100)).build();
    Thread caller = Thread.currentThread();
    Thread interrupter = new Thread(() -> {
      while (caller.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
      caller.interrupt();
    });
    interrupter.start();
    assertThatThrownBy(() -> Retry.of(policy).call(() -> failFirst(9)))
        .isInstanceOf(InterruptedException.class);
  }

  @Test
  void theRealSleeperAndRandomnessWork() throws Exception {
    RetryPolicy policy = RetryPolicy.builder()
        .strategy(RetryStrategy.RANDOM)
        .initialDelay(Duration.ofNanos(1000))
        .jitter(Duration.ofNanos(1000))
        .build();
    assertThat(Retry.of(policy).call(() -> failFirst(3))).isEqualTo("done after 3");
  }

  @Test
  void aBreakerInsideSeesEveryAttempt() throws Exception {
    CircuitBreaker breaker = CircuitBreaker.of("airline", BreakerPolicy.defaults());
    Retry retry = retry(5);
    assertThat(retry.call(() -> breaker.call(() -> failFirst(4)))).isEqualTo("done after 4");
    assertThat(breaker.state().version()).isEqualTo(5);
  }

  private Retry retry(int attempts) {
    return retry(policy(attempts));
  }

  private Retry retry(RetryPolicy policy) {
    return new Retry(policy, pauses::add, new TestingRandom(0));
  }

  private static RetryPolicy policy(int attempts) {
    return RetryPolicy.builder().maximumAttempts(attempts).build();
  }

  private String failFirst(int times) throws IOException {
    if (failures.size() < times) {
      IOException failure = new IOException("failure " + (failures.size() + 1));
      failures.add(failure);
      throw failure;
    }
    return "done after " + failures.size();
  }

  @Test
  void aPredicateThatFailsWithAnErrorHidesNothing() {
    AssertionError odd = new AssertionError("odd");
    RetryPolicy asking = RetryPolicy.builder()
        .retryOn(failure -> {
          throw odd;
        })
        .build();
    Throwable thrown = catchThrowable(() -> retry(asking).call(() -> failFirst(9)));
    assertThat(thrown).isSameAs(failures.get(0));
    assertThat(thrown.getSuppressed()).containsExactly(odd);
  }

  @Test
  void failuresThatCannotBeComparedAreToldApart() {
    List<IncomparableException> thrown = new ArrayList<>();
    Throwable last = catchThrowable(() -> retry(3).call(() -> {
      thrown.add(new IncomparableException());
      throw thrown.get(thrown.size() - 1);
    }));
    assertThat(last).isSameAs(thrown.get(2));
    assertThat(last.getSuppressed()).hasSize(2);
  }
}
