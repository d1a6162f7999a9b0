package dev.holdfast.integration.coherence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.integration.coherence.CoherenceChecker.Rule;
import dev.holdfast.integration.coherence.Seen.Kind;
import dev.holdfast.testkit.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The checker finds nothing in what a cache may show, and each kind of violation that is planted into it, wherever that is. */
final class CoherenceCheckerTest {

  private static final Duration BOUND = Duration.ofNanos(1_000);
  private static final List<Kind> KINDS = List.of(Kind.values());
  private static final int PROCESSES = 3;
  private static final int STEPS = 3_000;
  private static final int PLANTED = 200;

  private Random random = new Random();

  @BeforeEach
  void seed() {
    random = new Random(Seed.next("coherence checker"));
  }

  @Test
  void acceptsWhatACacheMayShow() {
    List<Seen> calls = calls();
    assertThat(CoherenceChecker.problems(calls, BOUND)).isEmpty();
    assertThat(CoherenceChecker.worst(calls)).isBetween(500L, 1_000L);
  }

  @ParameterizedTest
  @EnumSource(Rule.class)
  void findsWhatIsPlanted(Rule rule) {
    List<Seen> sound = calls();
    int planted = 0;
    for (int attempt = 0; planted < PLANTED; attempt++) {
      assertThat(attempt).as("attempts to plant").isLessThan(PLANTED * 100);
      int at = random.nextInt(sound.size());
      Seen wrong = wrong(rule, sound, at);
      if (!wrong.equals(sound.get(at))) {
        List<Seen> calls = new ArrayList<>(sound);
        calls.set(at, wrong);
        assertThat(CoherenceChecker.problems(calls, BOUND)).as("%s", wrong).containsKey(rule);
        planted++;
      }
    }
  }

  /** A call that breaks the rule, or the call itself if nothing can be made of it. */
  private static Seen wrong(Rule rule, List<Seen> calls, int at) {
    Seen call = calls.get(at);
    boolean fits = switch (rule) {
      case TOO_OLD -> call.kind() == Kind.CACHED;
      case NOT_CURRENT -> call.kind() == Kind.STRICT;
      case BACKWARDS, FROM_THE_FUTURE, WRONG_VALUE -> call.kind() != Kind.WRITE;
    };
    if (!fits) {
      return call;
    }
    return switch (rule) {
      case TOO_OLD -> behind(call, newest(calls, call.invoked() - BOUND.toNanos(), -1));
      case NOT_CURRENT -> behind(call, newest(calls, call.invoked(), -1));
      case BACKWARDS -> behind(call, newest(calls, call.invoked(), call.process()));
      case FROM_THE_FUTURE ->
        calls.stream()
            .filter(write -> write.kind() == Kind.WRITE && write.invoked() > call.returned())
            .findFirst()
            .map(write -> call.withVersion(write.version()).withValue(write.value()))
            .orElse(call);
      case WRONG_VALUE -> call.version() == 0 ? call : call.withValue(call.value() + 1);
    };
  }

  private static Seen behind(Seen call, long version) {
    return version < 1 ? call : call.withVersion(version - 1).withValue(value(version - 1));
  }

  private static long newest(List<Seen> calls, long before, int process) {
    return calls.stream()
        .filter(call -> call.returned() < before && (process < 0 || call.process() == process))
        .mapToLong(Seen::version)
        .max()
        .orElse(0);
  }

  /** One step after the other: each process may show what was newest up to 900 ns ago, and nothing less than it did before. */
  private List<Seen> calls() {
    List<Seen> calls = new ArrayList<>();
    long[] shown = new long[PROCESSES];
    List<Long> madeAt = new ArrayList<>(List.of(Long.MIN_VALUE));
    long now = 1_000_000;
    for (int i = 0; i < STEPS; i++) {
      int process = random.nextInt(PROCESSES);
      long invoked = now;
      now += 20 + random.nextInt(40);
      long newest = madeAt.size() - 1L;
      Kind kind = KINDS.get(random.nextInt(KINDS.size()));
      long version = switch (kind) {
        case WRITE -> newest + 1;
        case STRICT -> newest;
        case CACHED -> Math.max(shown[process], newestAt(madeAt, invoked - random.nextInt(900)));
      };
      if (kind == Kind.WRITE) {
        madeAt.add(now);
      }
      shown[process] = Math.max(shown[process], version);
      calls.add(new Seen(kind, process, 0, version, value(version), invoked, now));
      now += 1 + random.nextInt(20);
    }
    return calls;
  }

  private static long newestAt(List<Long> madeAt, long moment) {
    int version = madeAt.size() - 1;
    while (madeAt.get(version) > moment) {
      version--;
    }
    return version;
  }

  private static long value(long version) {
    return version * 1_000;
  }
}
