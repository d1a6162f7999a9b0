package dev.holdfast.examples.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.examples.terminal.Table.Side;
import org.junit.jupiter.api.Test;

final class TableTest {

  @Test
  void alignsColumns() {
    assertThat(Table.of(Side.RIGHT, Side.LEFT)
            .row("n", "who")
            .row("12", "a")
            .row("3")
            .lines(80))
        .containsExactly("   n  who", "  12  a", "   3");
  }

  @Test
  void countsColumnsAndNotCharacters() {
    assertThat(Table.of(Side.LEFT, Side.LEFT)
            .row("雪花", "|")
            .row("e\u0301te\u0301", "|")
            .row("🎭", "|")
            .lines(80))
        .containsExactly("  雪花  |", "  e\u0301te\u0301   |", "  🎭    |");
  }

  @Test
  void cutsLongLines() {
    assertThat(Table.of(Side.LEFT).row("abcdefghij").lines(10)).containsExactly("  abcde...");
  }

  @Test
  void printsNothingThatATerminalTakesForACommand() {
    assertThat(Table.of(Side.LEFT).row("a\u001b[31mb\nc\u202ed").lines(80))
        .containsExactly("  a [31mb c d");
  }
}
