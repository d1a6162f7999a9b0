package dev.holdfast.integration.linearizable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.integration.linearizable.Observation.Kind;
import dev.holdfast.testkit.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The checker finds what is wrong with a history and nothing in one that is right. */
class HistoryCheckerTest {

  private static final int HISTORIES = 300;
  private static final int LEAST_APPLICABLE = 100;
  private static final int SMALL_HISTORIES = 4000;

  @Test
  void findsNothingInHistoriesThatAreRight() {
    Random random = new Random(Seed.next("right-histories"));
    for (int i = 0; i < HISTORIES; i++) {
      Recording history = TestingHistories.random(random, 4, 60);
      assertThat(HistoryChecker.problems(history)).as("history %s", i).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Falsification.class)
  void findsEvery(Falsification falsification) {
    Random random = new Random(Seed.next(falsification.name()));
    int applied = 0;
    for (int i = 0; i < HISTORIES; i++) {
      Optional<Recording> wrong =
          falsification.apply(TestingHistories.random(random, 4, 60), random);
      if (wrong.isPresent()) {
        applied++;
        assertThat(HistoryChecker.problems(wrong.get())).as("history %s", i).isNotEmpty();
      }
    }
    assertThat(applied).isGreaterThanOrEqualTo(LEAST_APPLICABLE);
  }

  /** Histories of six calls whose times were shuffled, so that about half are wrong: the verdict is that of a search over all orders. */
  @Test
  void agreesWithASearchOverAllOrders() {
    Random random = new Random(Seed.next("small-histories"));
    int right = 0;
    int wrong = 0;
    while (right + wrong < SMALL_HISTORIES) {
      Recording history = withOtherTimes(TestingHistories.random(random, 3, 6), random);
      if (isCertain(history)) {
        boolean isLinearizable = OrderSearch.isLinearizable(history);
        assertThat(HistoryChecker.problems(history).isEmpty())
            .as(() -> history.toString())
            .isEqualTo(isLinearizable);
        right += isLinearizable ? 1 : 0;
        wrong += isLinearizable ? 0 : 1;
      }
    }
    System.out.println("small histories: " + right + " right, " + wrong + " wrong");
    assertThat(Math.min(right, wrong)).isGreaterThan(SMALL_HISTORIES / 10);
  }

  private static boolean isCertain(Recording history) {
    return history.observations().stream()
        .noneMatch(call -> call.kind() == Kind.IN_DOUBT || call.kind() == Kind.REFUSED);
  }

  /** Swaps the times of a few calls. */
  private static Recording withOtherTimes(Recording history, Random random) {
    List<Observation> calls = new ArrayList<>(history.observations());
    for (int i = random.nextInt(3); i > 0; i--) {
      int a = random.nextInt(calls.size());
      int b = random.nextInt(calls.size());
      Observation one = calls.get(a);
      Observation other = calls.get(b);
      if (a != b) {
        calls.set(a, one.withTimes(other.invoked(), other.returned()));
        calls.set(b, other.withTimes(one.invoked(), one.returned()));
      }
    }
    return new Recording(calls, history.log());
  }

  @Test
  void namesTheCallsThatContradictEachOther() {
    Observation write = new Observation(Kind.WROTE, "writer", 10, 20, 1, Map.of("a", 1L), Map.of());
    Observation read = new Observation(Kind.READ_VERSION, "reader", 21, 30, 0, Map.of(), Map.of());
    Recording history =
        new Recording(List.of(read, write), List.of(new LoggedChange(1, "writer", "a", null, 1L)));

    assertThat(HistoryChecker.problems(history))
        .containsExactly(
            "call writer returned at 20 and shows that version 1 was there; "
                + "call reader was invoked only then, at 21, and shows that version 1 was not there yet");
  }

  @Test
  void letsCallsThatOverlapSeeEither() {
    Observation write = new Observation(Kind.WROTE, "writer", 10, 20, 1, Map.of("a", 1L), Map.of());
    Observation before =
        new Observation(Kind.READ_VERSION, "before", 15, 30, 0, Map.of(), Map.of());
    Observation after = new Observation(Kind.READ_VERSION, "after", 11, 18, 1, Map.of(), Map.of());
    List<LoggedChange> log = List.of(new LoggedChange(1, "writer", "a", null, 1L));

    assertThat(HistoryChecker.problems(new Recording(List.of(write, before), log)))
        .isEmpty();
    assertThat(HistoryChecker.problems(new Recording(List.of(write, after), log)))
        .isEmpty();
    assertThat(HistoryChecker.problems(new Recording(List.of(write, after, before), log)))
        .isEmpty();
    Observation late = before.withTimes(19, 30);
    assertThat(HistoryChecker.problems(new Recording(List.of(write, after, late), log)))
        .hasSize(1);
  }

  @Test
  void refusesToGuessWhenAKeyWasAbsent() {
    List<LoggedChange> log = List.of(
        new LoggedChange(1, "one", "a", null, 1L), new LoggedChange(2, "two", "a", 1L, null));
    Observation one = new Observation(Kind.WROTE, "one", 1, 2, 1, Map.of("a", 1L), Map.of());
    Observation two = new Observation(Kind.WROTE, "two", 3, 4, 2, absent("a"), Map.of());
    Observation read =
        new Observation(Kind.READ_KEYS, "read", 7, 8, Observation.UNTOLD, absent("a"), Map.of());

    assertThatThrownBy(() -> HistoryChecker.problems(new Recording(List.of(one, two, read), log)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("more than once");
  }

  private static Map<String, @Nullable Long> absent(String key) {
    Map<String, @Nullable Long> values = new TreeMap<>();
    values.put(key, null);
    return values;
  }
}
