package dev.holdfast.effect.breaker;

import dev.holdfast.effect.breaker.BreakerState.Counts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The rules of a breaker as pure functions: from a state, an event and the time to the next state. Immutable, safe for use by multiple
 * threads; waits for nothing, reads no clock, throws nothing. Whoever keeps the state replaces it only if it is still the one that was
 * passed in, compared by reference or by {@link BreakerState#version()}, and else asks again with the newer one; the time is read after
 * the state.
 *
 * <p>Closed: calls are counted, and too many failures in a row, or too large a share of failed or slow calls, open the breaker. Open:
 * it ends exactly the open duration after it began; rejections do not touch it. Half-open: at most N probes are under way at any
 * moment, the request that ends the open phase included. One that fails opens the breaker again, enough that succeed close it.
 *
 * <p>Half-open cannot last for want of an outcome. A probe that ends makes room for the next, so more successes can be asked for than
 * probes may run at once. A probe whose caller died makes room when its permit expires. A probe that takes longer than that has lost its
 * place but still counts when it ends, so that a permit shorter than the calls does not blind the breaker. An outcome reported
 * twice in time is counted once; only of a call whose permit expired every report counts.
 *
 * <p>A clock that goes backwards would make the open phase and the permits longer by the step. Both are cut to what they would last if
 * they began now: the breaker neither opens nor closes by it, and waits at most one whole duration more. A clock that jumps forwards
 * ends them early.
 */
public final class Breaker {

  private final BreakerPolicy policy;

  /** The rules with the numbers of a policy. */
  public Breaker(BreakerPolicy policy) {
    this.policy = policy;
  }

  /** The numbers. */
  public BreakerPolicy policy() {
    return policy;
  }

  /** May a call be made now? While closed the answer changes nothing. */
  public Decision request(BreakerState state, Instant now) {
    BreakerState current = at(state, now);
    if (!policy.isEnabled() || current.phase() == BreakerPhase.CLOSED) {
      return new Decision.Admitted(Permit.unlimited(current.epoch()), current);
    }
    return current.phase() == BreakerPhase.OPEN
        ? new Decision.Rejected(current.since().plus(policy.openDuration()), current)
        : requestProbe(current, now);
  }

  private Decision requestProbe(BreakerState state, Instant now) {
    if (state.permits().size() >= policy.halfOpenPermits()) {
      Instant first = state.permits().stream()
          .map(Permit::expiresAt)
          .min(Instant::compareTo)
          .orElse(now);
      return new Decision.Rejected(first, state);
    }
    Instant expiry = now.plus(policy.permitExpiry());
    Permit permit = new Permit(state.epoch(), state.version() + 1, expiry);
    return new Decision.Admitted(permit, state.withPermit(permit));
  }

  /**
   * The state as it is at a time without any event: an open phase that is over has become half-open, abandoned probes are gone. The same
   * object when nothing changed. The result need not be kept: whoever asks later finds the same phase, begun at the same time.
   */
  public BreakerState at(BreakerState state, Instant now) {
    if (!policy.isEnabled()) {
      return state;
    }
    return switch (state.phase()) {
      case CLOSED -> state;
      case OPEN -> openAt(state, now);
      case HALF_OPEN -> state.withPermits(permitsAt(state, now));
    };
  }

  private BreakerState openAt(BreakerState state, Instant now) {
    if (now.isBefore(state.since())) {
      return state.openSince(now);
    }
    Instant end = state.since().plus(policy.openDuration());
    return now.isBefore(end) ? state : state.next(BreakerPhase.HALF_OPEN, end);
  }

  private List<Permit> permitsAt(BreakerState state, Instant now) {
    Instant latest = now.plus(policy.permitExpiry());
    return state.permits().stream()
        .filter(permit -> !permit.isExpired(now))
        .map(permit -> permit.endingBy(latest))
        .toList();
  }

  /** A call ended well. One that was slow counts against the dependency as the policy says; a slow probe always counts as failed. */
  public BreakerState succeeded(BreakerState state, Permit permit, Instant now, Duration duration) {
    if (!isCounted(state, permit, now)) {
      return state;
    }
    boolean slow = policy.isSlow(duration);
    if (state.phase() == BreakerPhase.HALF_OPEN) {
      return slow ? state.next(BreakerPhase.OPEN, now) : probeSucceeded(state, permit, now);
    }
    return slow && policy.slowCallRate().isEmpty()
        ? callFailed(state, now, true)
        : callSucceeded(state, now, slow);
  }

  private BreakerState probeSucceeded(BreakerState state, Permit permit, Instant now) {
    int successes = state.counts().successes() + 1;
    if (successes >= policy.successThreshold()) {
      return state.next(BreakerPhase.CLOSED, now);
    }
    return state.withSuccesses(successes).withoutPermit(permit);
  }

  private BreakerState callSucceeded(BreakerState state, Instant now, boolean slow) {
    CallWindow window = windowWith(state, now, false, slow);
    return slow && isSlowRateReached(window)
        ? state.next(BreakerPhase.OPEN, now)
        : state.withCounts(new Counts(0, 0, window));
  }

  /** A call failed. */
  public BreakerState failed(BreakerState state, Permit permit, Instant now, Duration duration) {
    if (!isCounted(state, permit, now)) {
      return state;
    }
    return state.phase() == BreakerPhase.HALF_OPEN
        ? state.next(BreakerPhase.OPEN, now)
        : callFailed(state, now, policy.isSlow(duration));
  }

  private BreakerState callFailed(BreakerState state, Instant now, boolean slow) {
    int earlier = state.counts().consecutiveFailures();
    CallWindow window = windowWith(state, now, true, slow);
    boolean opens = earlier >= policy.failureThreshold() - 1
        || isFailureRateReached(window)
        || (slow && isSlowRateReached(window));
    return opens
        ? state.next(BreakerPhase.OPEN, now)
        : state.withCounts(new Counts(earlier + 1, 0, window));
  }

  /** A call ended without saying anything about the dependency, or was not made after all; a probe makes room for another. */
  public BreakerState released(BreakerState state, Permit permit) {
    return permit.epoch() == state.epoch() && permit.isProbe()
        ? state.withoutPermit(permit)
        : state;
  }

  /** Opens the breaker for one open duration from now, also if it is open already. Calls under way will not be counted. */
  public BreakerState forcedOpen(BreakerState state, Instant now) {
    return policy.isEnabled() ? state.next(BreakerPhase.OPEN, now) : state;
  }

  /** Closes the breaker with nothing counted, also if it is closed already. Calls under way will not be counted. */
  public BreakerState forcedClosed(BreakerState state, Instant now) {
    return policy.isEnabled() ? state.next(BreakerPhase.CLOSED, now) : state;
  }

  /** Forgets what was counted and closes the breaker unless it is closed; if it was, calls under way will be counted. */
  public BreakerState reset(BreakerState state, Instant now) {
    return state.phase() == BreakerPhase.CLOSED
        ? state.withCounts(Counts.NONE)
        : forcedClosed(state, now);
  }

  private boolean isCounted(BreakerState state, Permit permit, Instant now) {
    if (!policy.isEnabled() || permit.epoch() != state.epoch()) {
      return false;
    }
    return switch (state.phase()) {
      case CLOSED -> true;
      case OPEN -> false;
      case HALF_OPEN -> state.holds(permit) || permit.isExpired(now);
    };
  }

  private CallWindow windowWith(BreakerState state, Instant now, boolean failed, boolean slow) {
    return policy.hasWindow()
        ? state.counts().window().plusCall(policy.windowSize(), now, failed, slow)
        : CallWindow.EMPTY;
  }

  private boolean isFailureRateReached(CallWindow window) {
    return policy.failureRate().isPresent()
        && window.calls() >= policy.minimumCalls()
        && window.failureRate() >= policy.failureRate().getAsDouble();
  }

  private boolean isSlowRateReached(CallWindow window) {
    return policy.slowCallRate().isPresent()
        && window.calls() >= policy.minimumCalls()
        && window.slowCallRate() >= policy.slowCallRate().getAsDouble();
  }
}
