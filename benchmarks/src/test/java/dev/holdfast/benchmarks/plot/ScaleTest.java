package dev.holdfast.benchmarks.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScaleTest {

  @Test
  void beginsLinearScalesAtZeroAndLeavesRoomAboveTheLargest() {
    Scale scale = Scale.linear(9);
    assertThat(scale.ticks()).containsExactly(0.0, 2.0, 4.0, 6.0, 8.0, 10.0);
    assertThat(scale.height(0)).isZero();
    assertThat(scale.height(5)).isEqualTo(0.5);
    assertThat(scale.height(10)).isEqualTo(1);
  }

  @Test
  void drawsEqualFactorsEquallyHighOnLogarithmicScales() {
    Scale scale = Scale.logarithmic(0.05, 7);
    assertThat(scale.ticks()).hasSize(4);
    assertThat(scale.low()).isEqualTo(0.01, within(1e-9));
    assertThat(scale.high()).isEqualTo(10, within(1e-9));
    double factor = scale.height(1) - scale.height(0.1);
    assertThat(scale.height(10) - scale.height(1)).isEqualTo(factor, within(1e-9));
    assertThat(factor).isEqualTo(1 / 3.0, within(1e-9));
  }

  @Test
  void leavesEveryValueInsideOfThePlot() {
    for (double largest : List.of(0.0003, 1.0, 1.5, 99.0, 100.0, 123_456.0)) {
      assertThat(Scale.linear(largest).height(largest)).isBetween(0.5, 0.999);
      assertThat(Scale.linear(largest).ticks()).hasSizeBetween(4, 9);
      assertThat(Scale.logarithmic(largest / 50, largest).height(largest / 50)).isGreaterThan(0);
      assertThat(Scale.logarithmic(largest / 50, largest).height(largest)).isLessThan(1);
    }
  }
}
