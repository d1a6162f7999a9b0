package dev.holdfast.effect.handler;

import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What holds for all handlers of a process: the limits of those that set none themselves, and what is done around their calls. Immutable:
 * every method returns new settings.
 */
public final class HandlerSettings {

  private static final Duration LONGEST_TIMEOUT = Duration.ofDays(1);
  private static final HandlerSettings DEFAULTS = new HandlerSettings();

  private Duration timeout = Duration.ofSeconds(30);
  private RetryPolicy retry = RetryPolicy.never();
  private RetryPolicy compensationRetry = RetryPolicy.never();
  private @Nullable BreakerPolicy breaker;
  private @Nullable Integer concurrentCalls;
  private boolean validated = true;
  private boolean started = true;

  private HandlerSettings() {}

  private HandlerSettings with(Consumer<HandlerSettings> change) {
    HandlerSettings copy = new HandlerSettings();
    copy.timeout = timeout;
    copy.retry = retry;
    copy.compensationRetry = compensationRetry;
    copy.breaker = breaker;
    copy.concurrentCalls = concurrentCalls;
    copy.validated = validated;
    copy.started = started;
    change.accept(copy);
    return copy;
  }

  /** A timeout of 30 seconds, one attempt, no breaker, no limit for all handlers together; validations and lifecycles are honoured. */
  public static HandlerSettings defaults() {
    return DEFAULTS;
  }

  /** How long a call may take of a handler that sets no timeout itself, 1 ms to 1 day; see {@link EffectHandler#timeout(Duration)}. */
  public HandlerSettings timeout(Duration limit) {
    requireTimeout("Handlers", limit);
    return with(copy -> copy.timeout = limit);
  }

  /** How often a handler is attempted that sets no retry itself. */
  public HandlerSettings retry(RetryPolicy policy) {
    return with(copy -> copy.retry = policy);
  }

  /** How often compensation and reconciliation of a handler are attempted that sets nothing itself. */
  public HandlerSettings compensationRetry(RetryPolicy policy) {
    return with(copy -> copy.compensationRetry = policy);
  }

  /** The breaker of a handler that sets none itself; each has its own. */
  public HandlerSettings breaker(BreakerPolicy policy) {
    return with(copy -> copy.breaker = policy);
  }

  /**
   * How many calls of all handlers together may be under way at once in this process, 1 or more; others wait in order. A handler that runs
   * an effect transaction itself holds its place meanwhile.
   */
  public HandlerSettings concurrentCalls(int calls) {
    if (calls < 1) {
      throw invalid("Handlers", "concurrentCalls is 1 or more, not " + calls);
    }
    return with(copy -> copy.concurrentCalls = calls);
  }

  /** Validations of requests and responses are not called. */
  public HandlerSettings withoutValidation() {
    return with(copy -> copy.validated = false);
  }

  /** Handlers are neither started nor stopped. */
  public HandlerSettings withoutLifecycle() {
    return with(copy -> copy.started = false);
  }

  /** How long a call may take. */
  public Duration timeout() {
    return timeout;
  }

  /** How often a handler is attempted. */
  public RetryPolicy retry() {
    return retry;
  }

  /** How often compensation and reconciliation are attempted. */
  public RetryPolicy compensationRetry() {
    return compensationRetry;
  }

  /** The breaker; empty for none. */
  public Optional<BreakerPolicy> breaker() {
    return Optional.ofNullable(breaker);
  }

  /** How many calls of all handlers together may be under way; empty for no limit. */
  public OptionalInt concurrentCalls() {
    return concurrentCalls == null ? OptionalInt.empty() : OptionalInt.of(concurrentCalls);
  }

  /** Whether validations are called. */
  public boolean isValidated() {
    return validated;
  }

  /** Whether handlers are started and stopped. */
  public boolean isStarted() {
    return started;
  }

  static void requireTimeout(String whose, Duration limit) {
    if (limit.compareTo(Duration.ofMillis(1)) < 0 || limit.compareTo(LONGEST_TIMEOUT) > 0) {
      throw invalid(whose, "the timeout is 1 ms to 1 day, not " + limit);
    }
  }

  private static HoldfastException invalid(String whose, String message) {
    return new HoldfastException(ErrorCode.CONFIGURATION, whose + ": " + message);
  }
}
