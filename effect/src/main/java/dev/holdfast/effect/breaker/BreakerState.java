package dev.holdfast.effect.breaker;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything a breaker remembers, so that it can be stored and restored. Immutable.
 *
 * <p>The constructor restores a stored state as it was: an open breaker with twelve seconds left is open for twelve seconds.
 *
 * @param phase whether calls are let through
 * @param since when the phase began; half-open begins when open ended, not when somebody first looked
 * @param epoch grows by one with every transition; outcomes of calls that were admitted in an earlier epoch are not counted
 * @param version grows with every change, so that a row can be compared and set by it; at least the epoch
 * @param counts the outcomes of this phase
 * @param permits the probes under way, oldest first; empty unless half-open
 */
public record BreakerState(
    BreakerPhase phase,
    Instant since,
    long epoch,
    long version,
    Counts counts,
    List<Permit> permits) {

  /** Checks that the parts fit together: what a phase does not count is zero, and probes exist only in half-open. */
  public BreakerState {
    permits = List.copyOf(permits);
    require(epoch >= 0 && version >= epoch, "0 <= epoch <= version", epoch + " and " + version);
    require(
        phase == BreakerPhase.HALF_OPEN || permits.isEmpty(), "no permits in " + phase, permits);
    require(
        phase == BreakerPhase.HALF_OPEN || counts.successes() == 0,
        "no successes in " + phase,
        counts);
    require(
        phase == BreakerPhase.CLOSED || counts.isWithoutCalls(), "no failures in " + phase, counts);
    for (Permit permit : permits) {
      require(permit.isProbe() && permit.epoch() == epoch, "probes of its own epoch", permit);
    }
  }

  /**
   * The outcomes of a phase. Immutable.
   *
   * @param consecutiveFailures how many calls failed since the last success, at least 0; counted while closed
   * @param successes how many probes succeeded, at least 0; counted while half-open
   * @param window the calls of the last while; counted while closed, and only if the policy has a rate
   */
  public record Counts(int consecutiveFailures, int successes, CallWindow window) {

    /** Nothing was counted. */
    public static final Counts NONE = new Counts(0, 0, CallWindow.EMPTY);

    /** Checks the ranges. */
    public Counts {
      require(
          consecutiveFailures >= 0 && successes >= 0,
          "counts of at least 0",
          consecutiveFailures + " and " + successes);
    }

    private boolean isWithoutCalls() {
      return consecutiveFailures == 0 && window.buckets().isEmpty();
    }
  }

  /** A new breaker: closed, nothing counted, epoch and version 0. */
  public static BreakerState closed(Instant now) {
    return new BreakerState(BreakerPhase.CLOSED, now, 0, 0, Counts.NONE, List.of());
  }

  BreakerState next(BreakerPhase nextPhase, Instant from) {
    return new BreakerState(nextPhase, from, epoch + 1, version + 1, Counts.NONE, List.of());
  }

  BreakerState openSince(Instant from) {
    return new BreakerState(phase, from, epoch, version + 1, counts, permits);
  }

  BreakerState withCounts(Counts changed) {
    return changed.equals(counts)
        ? this
        : new BreakerState(phase, since, epoch, version + 1, changed, permits);
  }

  BreakerState withSuccesses(int successes) {
    return withCounts(new Counts(0, successes, CallWindow.EMPTY));
  }

  BreakerState withPermits(List<Permit> changed) {
    return changed.equals(permits)
        ? this
        : new BreakerState(phase, since, epoch, version + 1, counts, changed);
  }

  BreakerState withPermit(Permit permit) {
    List<Permit> more = new ArrayList<>(permits);
    more.add(permit);
    return withPermits(more);
  }

  BreakerState withoutPermit(Permit permit) {
    return withPermits(
        permits.stream().filter(held -> held.number() != permit.number()).toList());
  }

  boolean holds(Permit permit) {
    return permits.stream().anyMatch(held -> held.number() == permit.number());
  }

  private static void require(boolean condition, String rule, Object found) {
    if (!condition) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT, "A breaker state has " + rule + ", not " + found);
    }
  }
}
