package dev.holdfast.effect.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random events against a naive model, guarantee G11. Every seed is five policies of 500 events; a failure prints the seed, the policy,
 * and the number of the event.
 */
class BreakerModelTest {

  private static final long START = TestingBreaker.START.toEpochMilli();

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void doesWhatTheNaiveModelDoes(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 5; i++) {
      new Walk(random, "seed %d, policy %d".formatted(seed, i)).run(500);
    }
  }

  @Test
  void theWalksVisitEveryPhaseAndEveryAnswer() {
    Walk all = new Walk(new Random(42), "seed 42");
    Set<BreakerPhase> rejectedIn = EnumSet.noneOf(BreakerPhase.class);
    Set<BreakerPhase> admittedIn = EnumSet.noneOf(BreakerPhase.class);
    for (int i = 0; i < 20; i++) {
      Walk walk = new Walk(all.random, "seed 42, policy " + i);
      walk.run(500);
      rejectedIn.addAll(walk.rejectedIn);
      admittedIn.addAll(walk.admittedIn);
    }
    assertThat(rejectedIn).containsExactlyInAnyOrder(BreakerPhase.OPEN, BreakerPhase.HALF_OPEN);
    assertThat(admittedIn).containsExactlyInAnyOrder(BreakerPhase.CLOSED, BreakerPhase.HALF_OPEN);
  }

  private record Underway(Permit permit, TestingModel.Grant grant) {}

  private static final class Walk {

    private final Random random;
    private final String name;
    private final BreakerPolicy policy;
    private final Breaker rules;
    private final TestingModel model;
    private final List<Underway> underway = new ArrayList<>();
    private final Set<BreakerPhase> rejectedIn = EnumSet.noneOf(BreakerPhase.class);
    private final Set<BreakerPhase> admittedIn = EnumSet.noneOf(BreakerPhase.class);
    private BreakerState state;
    private long now = START;

    private Walk(Random random, String name) {
      this.random = random;
      this.policy = policy(random);
      this.name = name + ", " + policy;
      this.rules = new Breaker(policy);
      this.model = new TestingModel(policy, now);
      this.state = BreakerState.closed(instant(now));
    }

    private static BreakerPolicy policy(Random random) {
      BreakerPolicy.Builder builder = BreakerPolicy.builder()
          .failureThreshold(between(random, 1, 6))
          .successThreshold(between(random, 1, 6))
          .halfOpenPermits(between(random, 1, 4))
          .openDuration(Duration.ofMillis(between(random, 1, 3_000)))
          .permitExpiry(Duration.ofMillis(between(random, 1, 3_000)))
          .window(Duration.ofMillis(between(random, 1_000, 5_000)), between(random, 1, 8));
      if (random.nextBoolean()) {
        builder.failureRate(random.nextInt(1, 11) / 10.0);
      }
      return switch (random.nextInt(3)) {
        case 0 -> builder.slowCalls(Duration.ofMillis(500)).build();
        case 1 ->
          builder
              .slowCalls(Duration.ofMillis(500), random.nextInt(1, 11) / 10.0)
              .build();
        default -> builder.build();
      };
    }

    private static int between(Random random, int least, int most) {
      return random.nextInt(least, most + 1);
    }

    private void run(int events) {
      for (int event = 0; event < events; event++) {
        String where = name + ", event " + event;
        BreakerState before = state;
        step(where);
        checkSame(where);
        checkInvariants(before, where);
        checkWayOut(where);
      }
    }

    private void step(String where) {
      int dice = random.nextInt(100);
      if (dice < 40) {
        request(where);
      } else if (dice < 75) {
        end();
      } else if (dice < 95) {
        pass();
      } else if (dice < 99) {
        now -= random.nextInt(5_000);
      } else {
        now += 100_000;
      }
    }

    private void request(String where) {
      Decision decision = rules.request(state, instant(now));
      List<TestingModel.Grant> expected = model.request(now);
      state = decision.state();
      if (decision instanceof Decision.Admitted admitted) {
        assertThat(expected).as(where).hasSize(1);
        assertThat(admitted.permit().isProbe()).as(where).isEqualTo(expected.get(0).probe);
        underway.add(new Underway(admitted.permit(), expected.get(0)));
        admittedIn.add(state.phase());
      } else if (decision instanceof Decision.Rejected rejected) {
        assertThat(expected).as(where).isEmpty();
        assertThat(rejected.until()).as(where).isEqualTo(instant(model.rejectedUntil));
        assertThat(rejected.until()).as(where).isAfter(instant(now));
        rejectedIn.add(state.phase());
      }
    }

    /** Sometimes a call stays in the list and ends a second time, sometimes it never ends. */
    private void end() {
      if (underway.isEmpty()) {
        return;
      }
      int chosen = random.nextInt(underway.size());
      Underway call = random.nextInt(10) == 0 ? underway.get(chosen) : underway.remove(chosen);
      long millis = random.nextInt(1, 700);
      switch (random.nextInt(10)) {
        case 0 -> release(call);
        case 1, 2, 3, 4 -> fail(call, millis);
        case 5 -> {}
        default -> succeed(call, millis);
      }
    }

    private void release(Underway call) {
      state = rules.released(state, call.permit());
      model.release(call.grant());
    }

    private void fail(Underway call, long millis) {
      state = rules.failed(state, call.permit(), instant(now), Duration.ofMillis(millis));
      model.end(call.grant(), true, millis, now);
    }

    private void succeed(Underway call, long millis) {
      state = rules.succeeded(state, call.permit(), instant(now), Duration.ofMillis(millis));
      model.end(call.grant(), false, millis, now);
    }

    /** Often to the very end of the open phase, or one millisecond before it. */
    private void pass() {
      long end = state.since().toEpochMilli() + policy.openDuration().toMillis();
      boolean exact = state.phase() == BreakerPhase.OPEN && random.nextBoolean() && end > now;
      now = exact ? end - random.nextInt(2) : now + random.nextInt(800);
    }

    private void checkSame(String where) {
      assertThat(View.of(state)).as(where).isEqualTo(View.of(model));
    }

    private void checkInvariants(BreakerState before, String where) {
      BreakerState.Counts counts = state.counts();
      boolean sound = state.permits().size() <= policy.halfOpenPermits()
          && counts.consecutiveFailures() >= 0
          && counts.successes() >= 0
          && (state.equals(before) || state.version() > before.version());
      assertThat(sound).as(where).isTrue();
      if (before.phase() == BreakerPhase.OPEN && state.phase() == BreakerPhase.HALF_OPEN) {
        assertThat(state.since()).as(where).isEqualTo(before.since().plus(policy.openDuration()));
      }
      if (before.phase() == BreakerPhase.OPEN && state.phase() == BreakerPhase.OPEN) {
        assertThat(state.since()).as(where).isBeforeOrEqualTo(before.since());
      }
    }

    /** From here, whatever is under way stays silent for ever: waiting once and succeeding must close the breaker. */
    private void checkWayOut(String where) {
      BreakerState current = rules.at(state, instant(now));
      Instant later = instant(now).plus(policy.openDuration()).plus(policy.permitExpiry());
      for (int i = 0; i < policy.successThreshold(); i++) {
        Decision decision = rules.request(current, later);
        Permit permit = decision.orElseThrow(where);
        current = rules.succeeded(decision.state(), permit, later, Duration.ZERO);
      }
      assertThat(current.phase()).as(where).isEqualTo(BreakerPhase.CLOSED);
    }
  }

  /** What both must agree on; times in milliseconds. */
  private record View(
      BreakerPhase phase,
      long since,
      long epoch,
      int consecutiveFailures,
      int successes,
      List<Long> window,
      List<Long> expiries) {

    private static View of(BreakerState state) {
      BreakerState.Counts counts = state.counts();
      CallWindow window = counts.window();
      return new View(
          state.phase(),
          state.since().toEpochMilli(),
          state.epoch(),
          counts.consecutiveFailures(),
          counts.successes(),
          List.of(window.calls(), window.failures(), window.slowCalls()),
          state.permits().stream()
              .map(permit -> permit.expiresAt().toEpochMilli())
              .toList());
    }

    private static View of(TestingModel model) {
      long failures = model.calls.stream().filter(TestingModel.Call::failed).count();
      long slow = model.calls.stream().filter(TestingModel.Call::slow).count();
      return new View(
          model.phase,
          model.since,
          model.epoch,
          model.failures,
          model.successes,
          List.of((long) model.calls.size(), failures, slow),
          model.places.stream().map(grant -> grant.until).toList());
    }
  }

  private static Instant instant(long millis) {
    return Instant.ofEpochMilli(millis);
  }
}
