package dev.holdfast.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {

  @Test
  void takesTheMiddleOfAnOddNumberOfValues() {
    assertThat(Summary.of(5, 1, 3, 2, 4)).isEqualTo(new Summary(5, 2, 3, 4));
  }

  @Test
  void interpolatesBetweenTheTwoMiddleOnesOfAnEvenNumber() {
    assertThat(Summary.of(List.of(4.0, 1.0, 3.0, 2.0))).isEqualTo(new Summary(4, 1.75, 2.5, 3.25));
  }

  @Test
  void isThatValueForOneValue() {
    assertThat(Summary.of(7)).isEqualTo(new Summary(1, 7, 7, 7));
  }

  @Test
  void leavesTheGivenValuesInTheirOrder() {
    double[] values = {3, 1, 2};
    Summary.of(values);
    assertThat(values).containsExactly(3, 1, 2);
  }

  @Test
  void refusesNoValues() {
    assertThatThrownBy(Summary::of).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void showsTheSpreadOnlyWhenThereIsOne() {
    assertThat(Summary.of(1, 2, 3).toText()).isEqualTo("2 (1.50–2.50)");
    assertThat(Summary.of(2, 2, 2).toText()).isEqualTo("2");
  }

  @Test
  void writesNumbersWithThreeDigitsOrAllOfALargeOne() {
    assertThat(List.of(0.1234, 1.5, 12.345, 123.45, 1_234_567.8, 40.0))
        .extracting(Summary::number)
        .containsExactly("0.12", "1.50", "12.3", "123", "1,234,568", "40");
  }
}
