package dev.holdfast.effect.breaker;

import dev.holdfast.effect.breaker.BreakerState.Counts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The pure rules with a state and a time that can be set. */
final class TestingBreaker {

  static final Instant START = Instant.parse("2026-03-29T00:59:30Z");

  final Breaker rules;
  BreakerState state;
  Instant now = START;

  TestingBreaker(BreakerPolicy policy) {
    this.rules = new Breaker(policy);
    this.state = BreakerState.closed(now);
  }

  static TestingBreaker of(BreakerPolicy policy) {
    return new TestingBreaker(policy);
  }

  /** A breaker that opened just now. */
  static TestingBreaker open(BreakerPolicy policy) {
    TestingBreaker breaker = of(policy);
    breaker.fail(policy.failureThreshold());
    return breaker;
  }

  /** A breaker whose open phase is just over. */
  static TestingBreaker halfOpen(BreakerPolicy policy) {
    return open(policy).pass(policy.openDuration());
  }

  TestingBreaker pass(Duration time) {
    now = now.plus(time);
    return this;
  }

  TestingBreaker passSeconds(long seconds) {
    return pass(Duration.ofSeconds(seconds));
  }

  Decision request() {
    Decision decision = rules.request(state, now);
    state = decision.state();
    return decision;
  }

  Permit permit() {
    return request().orElseThrow("testing");
  }

  List<Permit> permits(int count) {
    List<Permit> permits = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      permits.add(permit());
    }
    return permits;
  }

  boolean isAdmitted() {
    return request() instanceof Decision.Admitted;
  }

  Instant rejectedUntil() {
    return ((Decision.Rejected) request()).until();
  }

  void succeeded(Permit permit, long millis) {
    state = rules.succeeded(state, permit, now, Duration.ofMillis(millis));
  }

  void failed(Permit permit) {
    state = rules.failed(state, permit, now, Duration.ZERO);
  }

  void succeed(int times) {
    for (int i = 0; i < times; i++) {
      succeeded(permit(), 0);
    }
  }

  void fail(int times) {
    for (int i = 0; i < times; i++) {
      failed(permit());
    }
  }

  BreakerPhase phase() {
    return rules.at(state, now).phase();
  }

  Counts counts() {
    return state.counts();
  }

  CallWindow window() {
    return state.counts().window();
  }
}
