package dev.holdfast.effect.breaker;

import java.util.ArrayList;
import java.util.List;

/**
 * A breaker written as plainly as possible, to compare with: mutable, milliseconds, every single call remembered. It shares no code with
 * {@link Breaker}.
 */
final class TestingModel {

  /** A call that was admitted; expires is the time of the permit, until that of the place it holds. */
  static final class Grant {
    final int epoch;
    final boolean probe;
    final long expires;
    long until;

    Grant(int epoch, boolean probe, long expires) {
      this.epoch = epoch;
      this.probe = probe;
      this.expires = expires;
      this.until = expires;
    }
  }

  record Call(long at, boolean failed, boolean slow) {}

  private final BreakerPolicy policy;
  BreakerPhase phase = BreakerPhase.CLOSED;
  long since;
  int epoch;
  int failures;
  int successes;
  final List<Grant> places = new ArrayList<>();
  final List<Call> calls = new ArrayList<>();
  long rejectedUntil;

  TestingModel(BreakerPolicy policy, long now) {
    this.policy = policy;
    this.since = now;
  }

  /** A grant, or none when rejected; then {@link #rejectedUntil} is set. */
  List<Grant> request(long now) {
    look(now);
    if (phase == BreakerPhase.CLOSED) {
      return List.of(new Grant(epoch, false, Long.MAX_VALUE));
    }
    if (phase == BreakerPhase.OPEN) {
      rejectedUntil = since + policy.openDuration().toMillis();
      return List.of();
    }
    if (places.size() >= policy.halfOpenPermits()) {
      rejectedUntil = places.stream().mapToLong(grant -> grant.until).min().getAsLong();
      return List.of();
    }
    Grant grant = new Grant(epoch, true, now + policy.permitExpiry().toMillis());
    places.add(grant);
    return List.of(grant);
  }

  private void look(long now) {
    if (phase == BreakerPhase.OPEN) {
      since = Math.min(since, now);
      long end = since + policy.openDuration().toMillis();
      if (now >= end) {
        begin(BreakerPhase.HALF_OPEN, end);
      }
    }
    places.removeIf(grant -> grant.until <= now);
    long latest = now + policy.permitExpiry().toMillis();
    places.forEach(grant -> grant.until = Math.min(grant.until, latest));
  }

  private void begin(BreakerPhase next, long at) {
    phase = next;
    since = at;
    epoch++;
    failures = 0;
    successes = 0;
    places.clear();
    calls.clear();
  }

  void release(Grant grant) {
    places.remove(grant);
  }

  void end(Grant grant, boolean failed, long millis, long now) {
    if (grant.epoch != epoch || phase == BreakerPhase.OPEN) {
      return;
    }
    boolean slow = policy.slowCallDuration().isPresent()
        && millis >= policy.slowCallDuration().get().toMillis();
    if (phase == BreakerPhase.CLOSED) {
      endClosed(failed || (slow && policy.slowCallRate().isEmpty()), slow, now);
    } else if (places.remove(grant) || now >= grant.expires) {
      endProbe(failed || slow, now);
    }
  }

  private void endProbe(boolean bad, long now) {
    successes++;
    if (bad) {
      begin(BreakerPhase.OPEN, now);
    } else if (successes >= policy.successThreshold()) {
      begin(BreakerPhase.CLOSED, now);
    }
  }

  private void endClosed(boolean bad, boolean slow, long now) {
    failures = bad ? failures + 1 : 0;
    remember(new Call(now, bad, slow), now);
    double all = calls.size();
    long failed = calls.stream().filter(Call::failed).count();
    long slowOnes = calls.stream().filter(Call::slow).count();
    boolean enough = all >= policy.minimumCalls();
    boolean failing =
        bad && enough && reached(failed / all, policy.failureRate().orElse(2));
    boolean slowing =
        slow && enough && reached(slowOnes / all, policy.slowCallRate().orElse(2));
    if (failures >= policy.failureThreshold() || failing || slowing) {
      begin(BreakerPhase.OPEN, now);
    }
  }

  private static boolean reached(double share, double limit) {
    return share >= limit;
  }

  private void remember(Call call, long now) {
    if (policy.failureRate().isEmpty() && policy.slowCallRate().isEmpty()) {
      return;
    }
    long size = policy.windowSize().toMillis();
    long part = size / 10;
    calls.removeIf(old -> {
      long start = old.at() - Math.floorMod(old.at(), part);
      return start > now || start <= now - size;
    });
    calls.add(call);
  }
}
