package dev.holdfast.contract;

import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.FailureNames;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;
import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.effect.retry.RetryStrategy;
import dev.holdfast.error.internal.FailureFacts;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * When an attempt that failed is made again, and after which pause. Immutable.
 *
 * @param maxRetries attempts after the first; 0 for one attempt in all; 0 to 100, {@code 3} by default
 * @param baseDelaySeconds the first pause, in seconds; 0.1 to 3600, {@code 1.0} by default
 * @param backoffStrategy how pauses grow, {@code exponential} by default
 * @param backoffMultiplier by how much pauses grow; 1 to 10, {@code 2.0} by default
 * @param maxDelaySeconds the longest pause, jitter included, in seconds; 1 to 3600, {@code 300.0} by default
 * @param jitterEnabled whether pauses have a random part, {@code true} by default
 * @param jitterMaxSeconds the largest random part, in seconds; 0 to 60, {@code 1.0} by default
 * @param retryOnExceptions the failures that are tried again, by name, {@code [ConnectionError, TimeoutError, HTTPError]} by default
 * @param retryOnStatusCodes the status codes of failures that are tried again; 100 to 599, {@code [429, 500, 502, 503, 504]} by default
 * @param stopOnSuccess whether the first success ends it, {@code true} by default
 * @param circuitBreakerEnabled whether a breaker stands before the attempts, {@code false} by default
 * @param circuitBreakerThreshold failures in a row that open this breaker; 1 to 100, {@code 5} by default
 * @param circuitResetTimeoutSeconds how long this breaker stays open, in seconds; 1 to 3600, {@code 60.0} by default
 */
@Section("retry")
public record RetryContract(
    @Field(
        value = "3",
        min = 0,
        max = 100,
        says = "attempts after the first; 0 for one attempt in all")
    int maxRetries,

    @Field(value = "1.0", min = 0.1, max = 3600, says = "the first pause, in seconds")
    double baseDelaySeconds,

    @Field(value = "exponential", says = "how pauses grow") Strategy backoffStrategy,

    @Field(value = "2.0", min = 1, max = 10, says = "by how much pauses grow")
    double backoffMultiplier,

    @Field(
        value = "300.0",
        min = 1,
        max = 3600,
        says = "the longest pause, jitter included, in seconds")
    double maxDelaySeconds,

    @Field(value = "true", says = "whether pauses have a random part")
    boolean jitterEnabled,

    @Field(value = "1.0", min = 0, max = 60, says = "the largest random part, in seconds")
    double jitterMaxSeconds,

    @Field(
        value = "[ConnectionError, TimeoutError, HTTPError]",
        says = "the failures that are tried again, by name")
    List<String> retryOnExceptions,

    @Field(
        value = "[429, 500, 502, 503, 504]",
        min = 100,
        max = 599,
        says = "the status codes of failures that are tried again")
    List<Integer> retryOnStatusCodes,

    @Field(
        value = "true",
        only = "true",
        because = "what succeeded is never attempted again",
        says = "whether the first success ends it")
    boolean stopOnSuccess,

    @Field(value = "false", says = "whether a breaker stands before the attempts")
    boolean circuitBreakerEnabled,

    @Field(value = "5", min = 1, max = 100, says = "failures in a row that open this breaker")
    int circuitBreakerThreshold,

    @Field(
        value = "60.0",
        min = 1,
        max = 3600,
        says = "how long this breaker stays open, in seconds")
    double circuitResetTimeoutSeconds)
    implements Contract {

  /** The version of these fields and rules. */
  public static final SemanticVersion INTERFACE_VERSION = SemanticVersion.of(1, 0, 0);

  /** Checks every field, then the rules between them. */
  public RetryContract {
    retryOnExceptions = List.copyOf(retryOnExceptions);
    retryOnStatusCodes = List.copyOf(retryOnStatusCodes);
    Checks.of(
            RetryContract.class,
            maxRetries,
            baseDelaySeconds,
            backoffStrategy,
            backoffMultiplier,
            maxDelaySeconds,
            jitterEnabled,
            jitterMaxSeconds,
            retryOnExceptions,
            retryOnStatusCodes,
            stopOnSuccess,
            circuitBreakerEnabled,
            circuitBreakerThreshold,
            circuitResetTimeoutSeconds)
        .rule(
            maxDelaySeconds >= baseDelaySeconds,
            "needs to be at least base_delay_seconds",
            "max_delay_seconds",
            "base_delay_seconds")
        .verify();
  }

  /** The policy that these fields describe. */
  public RetryPolicy policy() {
    return RetryPolicy.builder()
        .maximumAttempts(maxRetries + 1)
        .strategy(RetryStrategy.valueOf(backoffStrategy.name()))
        .initialDelay(seconds(baseDelaySeconds))
        .maximumDelay(seconds(maxDelaySeconds))
        .multiplier(backoffMultiplier)
        .jitter(jitterEnabled ? seconds(jitterMaxSeconds) : Duration.ZERO)
        .retryOn(this::isRetryable)
        .build();
  }

  /**
   * Whether a failure, or one that caused it, is among those to be tried again: its class or one of its superclasses has one of the names,
   * or it carries one of the status codes. A name is a simple or full class name; the last word Error or Exception may be either.
   * {@code ConnectionError} and {@code TimeoutError} stand for those of the JDK and JDBC as well, see docs/contracts.md. A failure that
   * carries a status code is judged by the code alone.
   */
  public boolean isRetryable(Throwable failure) {
    FailureNames names = new FailureNames(retryOnExceptions);
    for (Throwable cause : FailureFacts.chain(failure, 100)) {
      if (cause instanceof StatusCode status) {
        return retryOnStatusCodes.contains(status.statusCode());
      }
      if (names.match(cause)) {
        return true;
      }
    }
    return false;
  }

  /** The breaker before the attempts; empty when there is none. */
  public Optional<BreakerPolicy> breaker() {
    return circuitBreakerEnabled
        ? Optional.of(BreakerPolicy.builder()
            .failureThreshold(circuitBreakerThreshold)
            .openDuration(seconds(circuitResetTimeoutSeconds))
            .build())
        : Optional.empty();
  }

  private static Duration seconds(double seconds) {
    return Duration.ofNanos(Math.round(seconds * 1e9));
  }

  /** How pauses grow, see {@link RetryStrategy}. */
  public enum Strategy {
    /** The same every time. */
    FIXED,
    /** By the same amount. */
    LINEAR,
    /** By the same factor. */
    EXPONENTIAL,
    /** Random, up to what {@link #EXPONENTIAL} says. */
    RANDOM,
    /** Each is the sum of the two before. */
    FIBONACCI;

    /** The name in YAML. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
