package dev.holdfast.effect.retry;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How often an attempt is made, after which pauses, and for which failures. Does nothing itself, see {@link Retry}. Immutable, and safe
 * for use by multiple threads if the predicate is.
 */
public final class RetryPolicy {

  private static final Duration DAY = Duration.ofDays(1);

  private final RetryStrategy strategy;
  private final Duration initialDelay;
  private final Duration maximumDelay;
  private final double multiplier;
  private final Duration jitter;
  private final int maximumAttempts;
  private final @Nullable Duration attemptTimeout;
  private final Predicate<? super Throwable> retryable;

  private RetryPolicy(Builder builder) {
    this.strategy = builder.strategy;
    this.initialDelay = builder.initialDelay;
    this.maximumDelay = builder.maximumDelay;
    this.multiplier = builder.multiplier;
    this.jitter = builder.jitter;
    this.maximumAttempts = builder.maximumAttempts;
    this.attemptTimeout = builder.attemptTimeout;
    this.retryable = builder.retryable;
  }

  /** A builder that starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Four attempts in all, with pauses of 1, 2 and 4 seconds and up to a second of jitter, after any {@link Exception}. */
  public static RetryPolicy defaults() {
    return builder().build();
  }

  /** One attempt. */
  public static RetryPolicy never() {
    return builder().maximumAttempts(1).build();
  }

  /**
   * The pause before an attempt. Never more than {@link #maximumDelay()}, jitter included. The jitter is a range of its full width that
   * begins at what the strategy says, and is moved down where it would pass the maximum: calls are spread there too.
   *
   * @param attempt 1 is the first, which has a pause of zero
   * @param random where the strategy {@link RetryStrategy#RANDOM} and the jitter come from; not used without them
   * @return empty when there is no such attempt, because the policy has fewer
   * @throws HoldfastException with {@link ErrorCode#INVALID_ARGUMENT} when the attempt is less than 1
   */
  public Optional<Duration> delayBefore(int attempt, RandomGenerator random) {
    if (attempt < 1) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "Attempts are counted from 1; there is no attempt " + attempt);
    }
    if (attempt > maximumAttempts) {
      return Optional.empty();
    }
    return Optional.of(
        attempt == 1 ? Duration.ZERO : jittered(strategy.delay(this, attempt - 1, random), random));
  }

  private Duration jittered(long delay, RandomGenerator random) {
    if (jitter.isZero()) {
      return Duration.ofNanos(delay);
    }
    long cap = maximumDelay.toNanos();
    long width = Math.min(jitter.toNanos(), cap);
    return Duration.ofNanos(Math.min(delay, cap - width) + random.nextLong(width + 1));
  }

  /**
   * Whether another attempt may help after a failure; how many were made is not considered. False for an {@link InterruptedException},
   * whatever the predicate says: who interrupts wants an end.
   */
  public boolean isRetryable(Throwable failure) {
    return !(failure instanceof InterruptedException) && retryable.test(failure);
  }

  /** How pauses grow. */
  public RetryStrategy strategy() {
    return strategy;
  }

  /** The first pause, before jitter; of {@link RetryStrategy#RANDOM} its largest. */
  public Duration initialDelay() {
    return initialDelay;
  }

  /** The longest pause, jitter included. */
  public Duration maximumDelay() {
    return maximumDelay;
  }

  /** By how much pauses grow; its meaning is the strategy's. */
  public double multiplier() {
    return multiplier;
  }

  /** The width of the random part of each pause. */
  public Duration jitter() {
    return jitter;
  }

  /** How many attempts are made in all, the first included. */
  public int maximumAttempts() {
    return maximumAttempts;
  }

  /**
   * How long one attempt may take, for whoever makes it; {@link Retry} does not enforce it. An attempt of a handler ends at this time or at
   * the timeout of the handler, whichever is shorter. Empty when it does not matter.
   */
  public Optional<Duration> attemptTimeout() {
    return Optional.ofNullable(attemptTimeout);
  }

  @Override
  public String toString() {
    return "RetryPolicy[%s, %d attempts, %s to %s, multiplier %s, jitter %s, attempt timeout %s]"
        .formatted(
            strategy,
            maximumAttempts,
            initialDelay,
            maximumDelay,
            multiplier,
            jitter,
            attemptTimeout);
  }

  /**
   * Collects the numbers. A number out of range is refused with {@link ErrorCode#CONFIGURATION} and the range in the message. Confined to
   * one thread.
   */
  public static final class Builder {

    private RetryStrategy strategy = RetryStrategy.EXPONENTIAL;
    private Duration initialDelay = Duration.ofSeconds(1);
    private Duration maximumDelay = Duration.ofMinutes(5);
    private double multiplier = 2;
    private Duration jitter = Duration.ofSeconds(1);
    private int maximumAttempts = 4;
    private @Nullable Duration attemptTimeout;
    private Predicate<? super Throwable> retryable = Exception.class::isInstance;

    private Builder() {}

    /** See {@link RetryPolicy#strategy()}; exponential by default. */
    public Builder strategy(RetryStrategy growth) {
      this.strategy = growth;
      return this;
    }

    /** See {@link RetryPolicy#initialDelay()}; zero to 1 day and at most the maximum delay, 1 second by default. */
    public Builder initialDelay(Duration delay) {
      this.initialDelay = between("initialDelay", delay, Duration.ZERO, DAY);
      return this;
    }

    /** See {@link RetryPolicy#maximumDelay()}; zero to 1 day, 5 minutes by default. */
    public Builder maximumDelay(Duration delay) {
      this.maximumDelay = between("maximumDelay", delay, Duration.ZERO, DAY);
      return this;
    }

    /** See {@link RetryPolicy#multiplier()}; 1 to 10, 2 by default. */
    public Builder multiplier(double factor) {
      this.multiplier = between("multiplier", factor, 1.0, 10.0);
      return this;
    }

    /** See {@link RetryPolicy#jitter()}; zero to 1 day, 1 second by default. */
    public Builder jitter(Duration width) {
      this.jitter = between("jitter", width, Duration.ZERO, DAY);
      return this;
    }

    /** See {@link RetryPolicy#maximumAttempts()}; 1 to {@link Integer#MAX_VALUE}, 4 by default. */
    public Builder maximumAttempts(int attempts) {
      this.maximumAttempts = between("maximumAttempts", attempts, 1, Integer.MAX_VALUE);
      return this;
    }

    /** See {@link RetryPolicy#attemptTimeout()}; 1 nanosecond to 1 day, none by default. */
    public Builder attemptTimeout(Duration timeout) {
      this.attemptTimeout = between("attemptTimeout", timeout, Duration.ofNanos(1), DAY);
      return this;
    }

    /** See {@link RetryPolicy#isRetryable}; every {@link Exception} and no {@link Error} by default. */
    public Builder retryOn(Predicate<? super Throwable> failures) {
      this.retryable = failures;
      return this;
    }

    /**
     * The policy; the builder can be used again.
     *
     * @throws HoldfastException with {@link ErrorCode#CONFIGURATION} when the initial delay is above the maximum delay
     */
    public RetryPolicy build() {
      if (initialDelay.compareTo(maximumDelay) > 0) {
        throw invalid("initialDelay", "at most the maximumDelay, " + maximumDelay, initialDelay);
      }
      return new RetryPolicy(this);
    }

    private static <T extends Comparable<T>> T between(String name, T value, T least, T most) {
      if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
        throw invalid(name, least + " to " + most, value);
      }
      return value;
    }

    private static HoldfastException invalid(String name, String range, Object found) {
      return new HoldfastException(
          ErrorCode.CONFIGURATION, "Retry: " + name + " is " + range + ", not " + found);
    }
  }
}
