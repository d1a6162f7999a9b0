package dev.holdfast.effect.breaker;

import static dev.holdfast.effect.breaker.BreakerPhase.CLOSED;
import static dev.holdfast.effect.breaker.BreakerPhase.HALF_OPEN;
import static dev.holdfast.effect.breaker.BreakerPhase.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The rules of one breaker in one thread; guarantee G11 as far as it needs no database. */
@Tag("G11")
class BreakerTest {

  private static final BreakerPolicy POLICY = BreakerPolicy.defaults();
  private static final Instant START = TestingBreaker.START;

  @Test
  void disabledAdmitsEverythingAndCountsNothing() {
    TestingBreaker breaker = TestingBreaker.of(BreakerPolicy.builder()
        .failureThreshold(1)
        .slowCalls(Duration.ofMillis(1))
        .disable()
        .build());
    BreakerState before = breaker.state;
    breaker.fail(10);
    breaker.succeeded(breaker.permit(), 5_000);
    assertThat(breaker.state).isSameAs(before);
    assertThat(breaker.rules.forcedOpen(before, START)).isSameAs(before);
  }

  @Test
  void disabledAdmitsEvenIfTheStoredStateIsOpen() {
    BreakerState open = TestingBreaker.open(POLICY).state;
    Breaker disabled = new Breaker(BreakerPolicy.disabled());
    assertThat(disabled.request(open, START)).isInstanceOf(Decision.Admitted.class);
    assertThat(disabled.at(open, START.plusSeconds(100))).isSameAs(open);
  }

  @Test
  void closedAdmitsWithoutChangingAnything() {
    TestingBreaker breaker = TestingBreaker.of(POLICY);
    BreakerState before = breaker.state;
    Permit permit = breaker.permit();
    breaker.succeeded(permit, 0);
    assertThat(permit.isProbe()).isFalse();
    assertThat(breaker.state).isSameAs(before);
  }

  @Test
  void opensAtTheFifthFailureInARow() {
    TestingBreaker breaker = TestingBreaker.of(POLICY);
    breaker.fail(4);
    breaker.succeed(1);
    breaker.fail(4);
    assertThat(breaker.phase()).isEqualTo(CLOSED);
    breaker.fail(1);
    assertThat(breaker.phase()).isEqualTo(OPEN);
    assertThat(breaker.state.epoch()).isEqualTo(1);
  }

  @Test
  void opensAtTheFifthFailureInARowWhateverTheMinimumOfCalls() {
    TestingBreaker breaker =
        TestingBreaker.of(BreakerPolicy.builder().failureRate(0.5).build());
    breaker.fail(5);
    assertThat(breaker.phase()).isEqualTo(OPEN);
  }

  @Test
  void openRejectsUntilItEnds() {
    TestingBreaker breaker = TestingBreaker.open(POLICY).passSeconds(1);
    assertThat(breaker.rejectedUntil()).isEqualTo(START.plusSeconds(60));
    breaker.pass(Duration.ofSeconds(59).minusNanos(1));
    assertThat(breaker.isAdmitted()).isFalse();
    assertThat(breaker.pass(Duration.ofNanos(1)).isAdmitted()).isTrue();
  }

  @Test
  void halfOpenAdmitsUpToItsPermitsThenRejects() {
    TestingBreaker breaker = TestingBreaker.halfOpen(POLICY);
    assertThat(breaker.permits(3)).doesNotHaveDuplicates().allMatch(Permit::isProbe);
    assertThat(breaker.rejectedUntil()).isEqualTo(breaker.now.plusSeconds(60));
    assertThat(breaker.state.permits()).hasSize(3);
  }

  @Test
  void countsASuccessInHalfOpen() {
    TestingBreaker breaker = TestingBreaker.halfOpen(POLICY);
    breaker.succeed(1);
    assertThat(breaker.counts().successes()).isEqualTo(1);
    assertThat(breaker.phase()).isEqualTo(HALF_OPEN);
    assertThat(breaker.state.permits()).isEmpty();
  }

  @Test
  void countsAFailureAndRemembersWhenThePhaseBegan() {
    TestingBreaker breaker = TestingBreaker.of(POLICY).passSeconds(7);
    breaker.fail(1);
    assertThat(breaker.counts().consecutiveFailures()).isEqualTo(1);
    breaker.fail(4);
    assertThat(breaker.state.since()).isEqualTo(START.plusSeconds(7));
  }

  @Test
  void aSlowCallCountsAsAFailure() {
    TestingBreaker breaker = TestingBreaker.of(
        BreakerPolicy.builder().slowCalls(Duration.ofSeconds(1)).build());
    breaker.succeeded(breaker.permit(), 1500);
    breaker.succeeded(breaker.permit(), 1000);
    assertThat(breaker.counts().consecutiveFailures()).isEqualTo(2);
    breaker.succeeded(breaker.permit(), 500);
    assertThat(breaker.counts().consecutiveFailures()).isZero();
  }

  @Test
  void noCallIsSlowWithoutAThreshold() {
    TestingBreaker breaker = TestingBreaker.of(POLICY);
    breaker.succeeded(breaker.permit(), Long.MAX_VALUE);
    assertThat(breaker.counts()).isEqualTo(BreakerState.Counts.NONE);
  }

  @Test
  void opensWhenTooManyCallsOfTheWindowAreSlow() {
    TestingBreaker breaker = TestingBreaker.of(BreakerPolicy.builder()
        .slowCalls(Duration.ofSeconds(1), 0.5)
        .window(Duration.ofMinutes(1), 4)
        .build());
    breaker.succeed(2);
    breaker.succeeded(breaker.permit(), 1000);
    assertThat(breaker.phase()).isEqualTo(CLOSED);
    assertThat(breaker.window().slowCalls()).isEqualTo(1);
    breaker.succeeded(breaker.permit(), 1000);
    assertThat(breaker.phase()).isEqualTo(OPEN);
  }

  @Test
  void aSlowFailureCountsForBothRates() {
    TestingBreaker breaker = TestingBreaker.of(BreakerPolicy.builder()
        .slowCalls(Duration.ofMillis(10), 0.9)
        .failureRate(0.9)
        .build());
    breaker.state =
        breaker.rules.failed(breaker.state, breaker.permit(), START, Duration.ofMillis(10));
    assertThat(breaker.window().failures()).isEqualTo(1);
    assertThat(breaker.window().slowCalls()).isEqualTo(1);
  }

  @Test
  void aSlowProbeOpensAgain() {
    TestingBreaker breaker = TestingBreaker.halfOpen(
        BreakerPolicy.builder().slowCalls(Duration.ofSeconds(1), 0.5).build());
    breaker.succeeded(breaker.permit(), 1000);
    assertThat(breaker.phase()).isEqualTo(OPEN);
  }

  @Test
  void opensAtTheRateOnceTheMinimumOfCallsIsMet() {
    TestingBreaker breaker = TestingBreaker.of(BreakerPolicy.builder()
        .failureThreshold(100)
        .failureRate(0.5)
        .window(Duration.ofMinutes(1), 5)
        .build());
    breaker.fail(4);
    assertThat(breaker.phase()).isEqualTo(CLOSED);
    breaker.fail(1);
    assertThat(breaker.phase()).isEqualTo(OPEN);
  }

  @Test
  void staysClosedBelowTheMinimumAndOpensAtIt() {
    TestingBreaker breaker = TestingBreaker.of(BreakerPolicy.builder()
        .failureThreshold(100)
        .failureRate(0.5)
        .window(Duration.ofMinutes(1), 10)
        .build());
    breaker.fail(5);
    assertThat(breaker.phase()).isEqualTo(CLOSED);
    assertThat(breaker.window().failureRate()).isEqualTo(1.0);
    breaker.fail(4);
    assertThat(breaker.phase()).isEqualTo(CLOSED);
    breaker.fail(1);
    assertThat(breaker.phase()).isEqualTo(OPEN);
  }

  @Test
  void aGoodCallNeverOpensByTheFailureRate() {
    TestingBreaker breaker = TestingBreaker.of(BreakerPolicy.builder()
        .failureThreshold(100)
        .failureRate(0.1)
        .window(Duration.ofMinutes(1), 10)
        .build());
    breaker.fail(9);
    breaker.succeed(1);
    assertThat(breaker.phase()).isEqualTo(CLOSED);
    breaker.fail(1);
    assertThat(breaker.phase()).isEqualTo(OPEN);
  }

  @Test
  void becomesHalfOpenOnInspectionAtTheMomentOpenEnded() {
    TestingBreaker breaker = TestingBreaker.open(POLICY).passSeconds(120);
    BreakerState seen = breaker.rules.at(breaker.state, breaker.now);
    assertThat(seen.phase()).isEqualTo(HALF_OPEN);
    assertThat(seen.since()).isEqualTo(START.plusSeconds(60));
    assertThat(breaker.rules.at(breaker.state, breaker.now.plusSeconds(9))).isEqualTo(seen);
  }

  @Test
  void closesWhenEnoughProbesSucceed() {
    TestingBreaker breaker =
        TestingBreaker.halfOpen(BreakerPolicy.builder().successThreshold(3).build());
    breaker.succeed(2);
    assertThat(breaker.phase()).isEqualTo(HALF_OPEN);
    breaker.succeed(1);
    assertThat(breaker.phase()).isEqualTo(CLOSED);
    assertThat(breaker.counts()).isEqualTo(BreakerState.Counts.NONE);
  }

  @Test
  void oneFailureInHalfOpenOpensAgainForTheFullTime() {
    TestingBreaker breaker = TestingBreaker.halfOpen(POLICY);
    List<Permit> permits = breaker.permits(2);
    breaker.succeeded(permits.get(0), 0);
    breaker.passSeconds(1).failed(permits.get(1));
    assertThat(breaker.phase()).isEqualTo(OPEN);
    assertThat(breaker.rejectedUntil()).isEqualTo(breaker.now.plusSeconds(60));
  }

  @Test
  void forcingAndResettingZeroTheCounts() {
    TestingBreaker breaker = TestingBreaker.of(POLICY);
    breaker.fail(3);
    BreakerState opened = breaker.rules.forcedOpen(breaker.state, START);
    BreakerState closed = breaker.rules.forcedClosed(breaker.state, START);
    BreakerState reset = breaker.rules.reset(breaker.state, START);
    assertThat(List.of(opened, closed, reset))
        .allMatch(state -> state.counts().equals(BreakerState.Counts.NONE))
        .extracting(BreakerState::phase)
        .containsExactly(OPEN, CLOSED, CLOSED);
    assertThat(breaker.rules.reset(opened, START).phase()).isEqualTo(CLOSED);
  }

  @Test
  void resettingAClosedBreakerKeepsItsEpochAndForcingEndsIt() {
    TestingBreaker breaker = TestingBreaker.of(POLICY);
    Permit underWay = breaker.permit();
    breaker.state = breaker.rules.reset(breaker.state, breaker.now);
    breaker.failed(underWay);
    assertThat(breaker.counts().consecutiveFailures()).isEqualTo(1);
    breaker.state = breaker.rules.forcedClosed(breaker.state, breaker.now);
    breaker.failed(underWay);
    assertThat(breaker.counts().consecutiveFailures()).isZero();
  }

  @Test
  void forgetsTheWindowWhenTheLastFailureIsOlder() {
    TestingBreaker breaker = TestingBreaker.of(BreakerPolicy.builder()
        .failureThreshold(100)
        .failureRate(0.5)
        .window(Duration.ofMinutes(2), 5)
        .build());
    breaker.fail(4);
    breaker.passSeconds(200).fail(1);
    assertThat(breaker.window().calls()).isEqualTo(1);
    assertThat(breaker.phase()).isEqualTo(CLOSED);
  }

  @Test
  void outcomesOfAnEarlierPhaseAreNotCounted() {
    TestingBreaker breaker = TestingBreaker.of(POLICY);
    Permit old = breaker.permit();
    breaker.fail(5);
    BreakerState open = breaker.state;
    breaker.failed(old);
    assertThat(breaker.state).isSameAs(open);
    breaker.passSeconds(60).permit();
    BreakerState halfOpen = breaker.state;
    breaker.failed(old);
    breaker.succeeded(old, 0);
    assertThat(breaker.state).isSameAs(halfOpen);
  }

  @Test
  void anOutcomeReportedTwiceCountsOnce() {
    TestingBreaker breaker =
        TestingBreaker.halfOpen(BreakerPolicy.builder().successThreshold(3).build());
    Permit permit = breaker.permit();
    breaker.succeeded(permit, 0);
    breaker.succeeded(permit, 0);
    breaker.failed(permit);
    assertThat(breaker.counts().successes()).isEqualTo(1);
    assertThat(breaker.phase()).isEqualTo(HALF_OPEN);
  }

  @Test
  void aReleasedProbeMakesRoomAndSaysNothing() {
    TestingBreaker breaker =
        TestingBreaker.halfOpen(BreakerPolicy.builder().halfOpenPermits(1).build());
    Permit permit = breaker.permit();
    assertThat(breaker.isAdmitted()).isFalse();
    breaker.state = breaker.rules.released(breaker.state, permit);
    assertThat(breaker.counts().successes()).isZero();
    assertThat(breaker.isAdmitted()).isTrue();
  }

  @Test
  void rejectionsNeverProlongOpen() {
    TestingBreaker breaker = TestingBreaker.open(POLICY);
    BreakerState open = breaker.state;
    for (int second = 1; second < 60; second++) {
      breaker.passSeconds(1);
      assertThat(breaker.rejectedUntil()).isEqualTo(START.plusSeconds(60));
      assertThat(breaker.state).isSameAs(open);
    }
    assertThat(breaker.passSeconds(1).isAdmitted()).isTrue();
  }

  @Test
  void everySuccessThresholdIsReachedWithEveryNumberOfPermits() {
    for (int permits = 1; permits <= 10; permits++) {
      for (int successes = 1; successes <= 20; successes++) {
        TestingBreaker breaker = TestingBreaker.halfOpen(BreakerPolicy.builder()
            .halfOpenPermits(permits)
            .successThreshold(successes)
            .build());
        breaker.succeed(successes);
        assertThat(breaker.phase()).as("%d of %d", successes, permits).isEqualTo(CLOSED);
      }
    }
  }

  @Test
  void abandonedProbesMakeRoomWhenTheyExpire() {
    TestingBreaker breaker = TestingBreaker.halfOpen(POLICY);
    breaker.permits(3);
    breaker.pass(Duration.ofSeconds(60).minusNanos(1));
    assertThat(breaker.isAdmitted()).isFalse();
    breaker.pass(Duration.ofNanos(1));
    assertThat(breaker.permits(3)).hasSize(3);
    assertThat(breaker.isAdmitted()).isFalse();
  }

  @Test
  void probesThatOutlastTheirPermitStillCount() {
    TestingBreaker breaker = TestingBreaker.halfOpen(
        BreakerPolicy.builder().permitExpiry(Duration.ofMillis(1)).build());
    List<Permit> late = breaker.permits(2);
    breaker.passSeconds(1).permits(3);
    late.forEach(permit -> breaker.succeeded(permit, 1000));
    assertThat(breaker.phase()).isEqualTo(CLOSED);
  }

  @Test
  void aProbeThatOutlastsItsPermitAndFailsOpensAgain() {
    TestingBreaker breaker = TestingBreaker.halfOpen(
        BreakerPolicy.builder().permitExpiry(Duration.ofMillis(1)).build());
    Permit late = breaker.permit();
    breaker.passSeconds(1).failed(late);
    assertThat(breaker.phase()).isEqualTo(OPEN);
  }

  @Test
  void admitsExactlyItsPermitsTheRequestThatEndsOpenIncluded() {
    for (int permits = 1; permits <= 10; permits++) {
      TestingBreaker breaker = TestingBreaker.halfOpen(
          BreakerPolicy.builder().halfOpenPermits(permits).build());
      int admitted = 0;
      for (int i = 0; i < 50; i++) {
        admitted += breaker.isAdmitted() ? 1 : 0;
      }
      assertThat(admitted).isEqualTo(permits);
    }
  }

  @Test
  void aClockThatJumpsBackNeitherEndsOpenNorKeepsItForEver() {
    TestingBreaker breaker = TestingBreaker.open(POLICY).passSeconds(-86_400);
    assertThat(breaker.rejectedUntil()).isEqualTo(breaker.now.plusSeconds(60));
    breaker.passSeconds(59);
    assertThat(breaker.isAdmitted()).isFalse();
    assertThat(breaker.passSeconds(1).isAdmitted()).isTrue();
  }

  @Test
  void aClockThatJumpsBackDoesNotReopenHalfOpenNorKeepItsPermitsForEver() {
    TestingBreaker breaker = TestingBreaker.halfOpen(POLICY);
    breaker.permits(3);
    breaker.passSeconds(-86_400);
    assertThat(breaker.phase()).isEqualTo(HALF_OPEN);
    assertThat(breaker.rejectedUntil()).isEqualTo(breaker.now.plusSeconds(60));
    assertThat(breaker.passSeconds(60).isAdmitted()).isTrue();
  }

  @Test
  void aClockThatJumpsBackDoesNotOpenAClosedBreaker() {
    TestingBreaker breaker = TestingBreaker.of(BreakerPolicy.fastFail());
    breaker.succeed(10);
    breaker.fail(2);
    breaker.passSeconds(-86_400).succeed(1);
    assertThat(breaker.phase()).isEqualTo(CLOSED);
    assertThat(breaker.window().calls()).isEqualTo(1);
  }
}
