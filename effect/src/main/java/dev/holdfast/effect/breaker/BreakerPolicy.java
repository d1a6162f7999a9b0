package dev.holdfast.effect.breaker;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of a breaker. Immutable. Every combination that can be built works: a success threshold above the number of permits is
 * reached with permits that are handed out again, and permits expire.
 *
 * <pre>{@code
 * BreakerPolicy policy = BreakerPolicy.builder()
 *     .failureThreshold(5)
 *     .openDuration(Duration.ofSeconds(30))
 *     .failureRate(0.5)
 *     .build();
 * }</pre>
 */
public final class BreakerPolicy {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofDays(1);

  private final boolean enabled;
  private final int failureThreshold;
  private final int successThreshold;
  private final Duration openDuration;
  private final int halfOpenPermits;
  private final Duration permitExpiry;
  private final Duration windowSize;
  private final int minimumCalls;
  private final @Nullable Double failureRate;
  private final @Nullable Duration slowCallDuration;
  private final @Nullable Double slowCallRate;

  private BreakerPolicy(Builder builder) {
    this.enabled = builder.enabled;
    this.failureThreshold = builder.failureThreshold;
    this.successThreshold = builder.successThreshold;
    this.openDuration = builder.openDuration;
    this.halfOpenPermits = builder.halfOpenPermits;
    this.permitExpiry = builder.permitExpiry;
    this.windowSize = builder.windowSize;
    this.minimumCalls = builder.minimumCalls;
    this.failureRate = builder.failureRate;
    this.slowCallDuration = builder.slowCallDuration;
    this.slowCallRate = builder.slowCallRate;
  }

  /** A builder that starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Five failures in a row open, for 60 seconds; two successes among at most three probes at once close. */
  public static BreakerPolicy defaults() {
    return builder().build();
  }

  /** Gives up early and tries again early: 3 failures, 2 successes, 30 seconds; or a failure rate of 0.3 over 5 calls in 60 seconds. */
  public static BreakerPolicy fastFail() {
    return builder()
        .failureThreshold(3)
        .successThreshold(2)
        .openDuration(Duration.ofSeconds(30))
        .failureRate(0.3)
        .window(Duration.ofSeconds(60), 5)
        .build();
  }

  /**
   * Bears more and is slower to trust again: 10 failures, 5 successes, 120 seconds; or a failure rate of 0.6 over 20 calls in 300
   * seconds.
   */
  public static BreakerPolicy resilient() {
    return builder()
        .failureThreshold(10)
        .successThreshold(5)
        .openDuration(Duration.ofMinutes(2))
        .failureRate(0.6)
        .window(Duration.ofMinutes(5), 20)
        .build();
  }

  /** Admits every call and counts nothing, whatever the state says. */
  public static BreakerPolicy disabled() {
    return builder().disable().build();
  }

  /** Whether there is a breaker at all. */
  public boolean isEnabled() {
    return enabled;
  }

  /** How many failures in a row open the breaker, however far apart they are. */
  public int failureThreshold() {
    return failureThreshold;
  }

  /** How many probes must succeed before the breaker closes. */
  public int successThreshold() {
    return successThreshold;
  }

  /** How long the open phase is. */
  public Duration openDuration() {
    return openDuration;
  }

  /** How many probes may be under way at once in half-open. */
  public int halfOpenPermits() {
    return halfOpenPermits;
  }

  /** After how long a probe without outcome makes room for another. */
  public Duration permitExpiry() {
    return permitExpiry;
  }

  /** Over how long a time rates are taken. */
  public Duration windowSize() {
    return windowSize;
  }

  /** How many calls must have ended within the window before a rate says anything. */
  public int minimumCalls() {
    return minimumCalls;
  }

  /** The share of failures within the window that opens the breaker; empty when the share does not matter. */
  public OptionalDouble failureRate() {
    return failureRate == null ? OptionalDouble.empty() : OptionalDouble.of(failureRate);
  }

  /** How long a slow call takes at least; empty when time does not matter. */
  public Optional<Duration> slowCallDuration() {
    return Optional.ofNullable(slowCallDuration);
  }

  /** The share of slow calls within the window that opens the breaker; empty when a slow call simply counts as a failure. */
  public OptionalDouble slowCallRate() {
    return slowCallRate == null ? OptionalDouble.empty() : OptionalDouble.of(slowCallRate);
  }

  boolean hasWindow() {
    return failureRate != null || slowCallRate != null;
  }

  boolean isSlow(Duration duration) {
    return slowCallDuration != null && duration.compareTo(slowCallDuration) >= 0;
  }

  @Override
  public String toString() {
    return enabled
        ? "BreakerPolicy[%d failures, %d successes, open %s, %d permits for %s, failure rate %s, slow calls %s at %s, %d calls in %s]"
            .formatted(
                failureThreshold,
                successThreshold,
                openDuration,
                halfOpenPermits,
                permitExpiry,
                failureRate,
                slowCallRate,
                slowCallDuration,
                minimumCalls,
                windowSize)
        : "BreakerPolicy[disabled]";
  }

  /**
   * Collects the numbers. Each method refuses a number out of range at once, with {@link ErrorCode#CONFIGURATION} and the range in the
   * message. Confined to one thread.
   */
  public static final class Builder {

    private boolean enabled = true;
    private int failureThreshold = 5;
    private int successThreshold = 2;
    private Duration openDuration = Duration.ofSeconds(60);
    private int halfOpenPermits = 3;
    private Duration permitExpiry = Duration.ofSeconds(60);
    private Duration windowSize = Duration.ofMinutes(2);
    private int minimumCalls = 20;
    private @Nullable Double failureRate;
    private @Nullable Duration slowCallDuration;
    private @Nullable Double slowCallRate;

    private Builder() {}

    /** See {@link BreakerPolicy#disabled()}. */
    public Builder disable() {
      this.enabled = false;
      return this;
    }

    /** See {@link BreakerPolicy#failureThreshold()}; 1 to 100, 5 by default. */
    public Builder failureThreshold(int failures) {
      this.failureThreshold = between("failureThreshold", failures, 1, 100);
      return this;
    }

    /** See {@link BreakerPolicy#successThreshold()}; 1 to 20, 2 by default; may be more than the permits. */
    public Builder successThreshold(int successes) {
      this.successThreshold = between("successThreshold", successes, 1, 20);
      return this;
    }

    /** See {@link BreakerPolicy#openDuration()}; 1 millisecond to 1 day, 60 seconds by default. */
    public Builder openDuration(Duration duration) {
      this.openDuration = between("openDuration", duration, SHORTEST, LONGEST);
      return this;
    }

    /** See {@link BreakerPolicy#halfOpenPermits()}; 1 to 10, 3 by default. */
    public Builder halfOpenPermits(int permits) {
      this.halfOpenPermits = between("halfOpenPermits", permits, 1, 10);
      return this;
    }

    /**
     * See {@link BreakerPolicy#permitExpiry()}; 1 millisecond to 1 day, 60 seconds by default. Best a little more than the longest call:
     * while a call outlasts it, more calls run than there are permits.
     */
    public Builder permitExpiry(Duration expiry) {
      this.permitExpiry = between("permitExpiry", expiry, SHORTEST, LONGEST);
      return this;
    }

    /**
     * What rates are taken over; does nothing unless there is a rate.
     *
     * @param size 1 second to 1 hour, 120 seconds by default
     * @param calls see {@link BreakerPolicy#minimumCalls()}; 1 to 1000, 20 by default
     */
    public Builder window(Duration size, int calls) {
      this.windowSize = between("windowSize", size, Duration.ofSeconds(1), Duration.ofHours(1));
      this.minimumCalls = between("minimumCalls", calls, 1, 1000);
      return this;
    }

    /** See {@link BreakerPolicy#failureRate()}; above 0 and at most 1, none by default. */
    public Builder failureRate(double rate) {
      this.failureRate = rate("failureRate", rate);
      return this;
    }

    /** Calls that take so long or longer count as failures; 1 millisecond to 1 hour, none by default. */
    public Builder slowCalls(Duration duration) {
      this.slowCallDuration = between("slowCallDuration", duration, SHORTEST, Duration.ofHours(1));
      this.slowCallRate = null;
      return this;
    }

    /**
     * Too large a share of slow calls opens the breaker; none by default.
     *
     * @param duration how long a slow call takes at least, 1 millisecond to 1 hour
     * @param rate see {@link BreakerPolicy#slowCallRate()}; above 0 and at most 1
     */
    public Builder slowCalls(Duration duration, double rate) {
      slowCalls(duration);
      this.slowCallRate = rate("slowCallRate", rate);
      return this;
    }

    /** The policy; the builder can be used again. */
    public BreakerPolicy build() {
      return new BreakerPolicy(this);
    }

    private static <T extends Comparable<T>> T between(String name, T value, T least, T most) {
      if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
        throw invalid(name, least + " to " + most, value);
      }
      return value;
    }

    private static double rate(String name, double rate) {
      if (!(rate > 0 && rate <= 1)) {
        throw invalid(name, "above 0 and at most 1", rate);
      }
      return rate;
    }

    private static HoldfastException invalid(String name, String range, Object found) {
      return new HoldfastException(
          ErrorCode.CONFIGURATION, "Breaker: " + name + " is " + range + ", not " + found);
    }
  }
}
