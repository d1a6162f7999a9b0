package dev.holdfast.benchmarks.memory;

import dev.holdfast.effect.breaker.BreakerOpenException;
import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.breaker.CircuitBreaker;
import dev.holdfast.effect.breaker.Permit;
import dev.holdfast.effect.retry.RetryPolicy;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What stands in front of every call to the outside. Confined to one thread. */
@State(Scope.Thread)
public class EffectBenchmarks {

  private static final Duration MILLISECOND = Duration.ofMillis(1);

  private final CircuitBreaker closed = CircuitBreaker.of("closed", BreakerPolicy.defaults());
  private final CircuitBreaker open = opened();
  private final RetryPolicy retry = RetryPolicy.defaults();
  private final RandomGenerator random = new SplittableRandom(1);
  private final RuntimeException failure = new IllegalStateException("a failure");

  private static CircuitBreaker opened() {
    CircuitBreaker breaker = CircuitBreaker.of(
        "open", BreakerPolicy.builder().openDuration(Duration.ofDays(1)).build());
    breaker.forceOpen();
    return breaker;
  }

  /** Admission by a closed breaker, and the report that the call went well. */
  @Benchmark
  public Permit breakerAdmitsAndCounts() {
    Permit permit = closed.acquire();
    closed.succeeded(permit, MILLISECOND);
    return permit;
  }

  /** Rejection by an open breaker, with its exception. */
  @Benchmark
  public BreakerOpenException breakerRejects() {
    try {
      throw new IllegalStateException("An open breaker admitted a call: " + open.acquire());
    } catch (BreakerOpenException e) {
      return e;
    }
  }

  /** Whether and when to try again. */
  @Benchmark
  public Optional<Duration> retryDecides() {
    return retry.isRetryable(failure) ? retry.delayBefore(2, random) : Optional.empty();
  }
}
