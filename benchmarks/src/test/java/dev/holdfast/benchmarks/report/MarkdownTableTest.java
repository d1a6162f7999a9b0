package dev.holdfast.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class MarkdownTableTest {

  private final MarkdownTable table = new MarkdownTable(List.of("contender", "ms"));

  @Test
  void padsCellsAndSetsNumbersFlushRight() {
    table.add(List.of("a", "12.5"));
    table.add(List.of("a long name", "3"));
    assertThat(table.lines())
        .containsExactly(
            "| contender   |   ms |",
            "|-------------|-----:|",
            "| a           | 12.5 |",
            "| a long name |    3 |");
  }

  @Test
  void escapesWhatWouldEndACell() {
    table.add(List.of("a|b", "1\n2"));
    assertThat(table.lines().get(2)).isEqualTo("| a\\|b      | 1 2 |");
  }

  @Test
  void refusesARowOfAnotherLength() {
    assertThatThrownBy(() -> table.add(List.of("a"))).isInstanceOf(IllegalArgumentException.class);
  }
}
