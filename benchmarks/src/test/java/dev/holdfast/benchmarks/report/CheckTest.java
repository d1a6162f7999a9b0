package dev.holdfast.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CheckTest {

  @Test
  void isMetOnTheRightSideOfItsLimit() {
    assertThat(Check.atMost("time", "ms", 2, 1.9).isMet()).isTrue();
    assertThat(Check.atMost("time", "ms", 2, 2).isMet()).isTrue();
    assertThat(Check.atMost("time", "ms", 2, 2.1).isMet()).isFalse();
    assertThat(Check.atLeast("ratio", "", 3, 3.1).isMet()).isTrue();
    assertThat(Check.atLeast("ratio", "", 3, 3).isMet()).isTrue();
    assertThat(Check.atLeast("ratio", "", 3, 2.9).isMet()).isFalse();
  }

  @Test
  void showsTargetAndMeasuredValueAlsoWhenMissed() {
    assertThat(Check.atLeast("ratio", "", 3, 0.5).row())
        .containsExactly("ratio", "at least 3", "0.50", "MISS");
    assertThat(Check.atMost("time", "ms", 2, 1).row())
        .containsExactly("time", "at most 2 ms", "1 ms", "PASS");
  }
}
