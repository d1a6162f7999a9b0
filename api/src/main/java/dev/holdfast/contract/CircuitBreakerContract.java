package dev.holdfast.contract;

import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;
import dev.holdfast.effect.breaker.BreakerPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a failing dependency is left alone. Immutable.
 *
 * @param enabled whether there are breakers at all, {@code true} by default
 * @param failureThreshold failures in a row that open a breaker; 1 to 100, {@code 5} by default
 * @param successThreshold successful probes that close it again; 1 to 20, {@code 2} by default
 * @param timeoutSeconds how long it stays open, in seconds; 1 to 300, {@code 60} by default
 * @param halfOpenMaxCalls probes under way at once; 1 to 10, {@code 3} by default
 * @param windowSizeSeconds over how long rates are taken, in seconds; 30 to 3600, {@code 120} by default
 * @param failureRateThreshold the share of failures that opens it as well; 0.1 to 1, {@code 0.5} by default
 * @param minimumRequestThreshold calls within the window before a share says anything; 1 to 1000, {@code 20} by default
 * @param slowCallDurationThresholdMs from which duration on a call is slow, in milliseconds; 100 to 60000, {@code null} by default
 * @param slowCallRateThreshold the share of slow calls that opens it as well; without it a slow call is a failure; 0.1 to 1, {@code null}
 *     by default
 */
@Section("circuit_breaker")
public record CircuitBreakerContract(
    @Field(value = "true", says = "whether there are breakers at all")
    boolean enabled,

    @Field(value = "5", min = 1, max = 100, says = "failures in a row that open a breaker")
    int failureThreshold,

    @Field(value = "2", min = 1, max = 20, says = "successful probes that close it again")
    int successThreshold,

    @Field(value = "60", min = 1, max = 300, says = "how long it stays open, in seconds")
    int timeoutSeconds,

    @Field(value = "3", min = 1, max = 10, says = "probes under way at once")
    int halfOpenMaxCalls,

    @Field(value = "120", min = 30, max = 3600, says = "over how long rates are taken, in seconds")
    int windowSizeSeconds,

    @Field(value = "0.5", min = 0.1, max = 1, says = "the share of failures that opens it as well")
    double failureRateThreshold,

    @Field(
        value = "20",
        min = 1,
        max = 1000,
        says = "calls within the window before a share says anything")
    int minimumRequestThreshold,

    @Field(
        value = "null",
        min = 100,
        max = 60000,
        says = "from which duration on a call is slow, in milliseconds")
    @Nullable
    Integer slowCallDurationThresholdMs,

    @Field(
        value = "null",
        min = 0.1,
        max = 1,
        says = "the share of slow calls that opens it as well; without it a slow call is a failure")
    @Nullable
    Double slowCallRateThreshold)
    implements Contract {

  /** The version of these fields and rules. */
  public static final SemanticVersion INTERFACE_VERSION = SemanticVersion.of(1, 0, 0);

  /** Checks every field, then the rules between them. */
  public CircuitBreakerContract {
    Checks.of(
            CircuitBreakerContract.class,
            enabled,
            failureThreshold,
            successThreshold,
            timeoutSeconds,
            halfOpenMaxCalls,
            windowSizeSeconds,
            failureRateThreshold,
            minimumRequestThreshold,
            slowCallDurationThresholdMs,
            slowCallRateThreshold)
        .rule(
            slowCallRateThreshold == null || slowCallDurationThresholdMs != null,
            "needs slow_call_duration_threshold_ms",
            "slow_call_rate_threshold",
            "slow_call_duration_threshold_ms")
        .verify();
  }

  /** The policy that these fields describe. */
  public BreakerPolicy policy() {
    BreakerPolicy.Builder builder = BreakerPolicy.builder()
        .failureThreshold(failureThreshold)
        .successThreshold(successThreshold)
        .openDuration(Duration.ofSeconds(timeoutSeconds))
        .halfOpenPermits(halfOpenMaxCalls)
        .window(Duration.ofSeconds(windowSizeSeconds), minimumRequestThreshold)
        .failureRate(failureRateThreshold);
    if (slowCallDurationThresholdMs != null) {
      Duration slow = Duration.ofMillis(slowCallDurationThresholdMs);
      if (slowCallRateThreshold == null) {
        builder.slowCalls(slow);
      } else {
        builder.slowCalls(slow, slowCallRateThreshold);
      }
    }
    return (enabled ? builder : builder.disable()).build();
  }
}
