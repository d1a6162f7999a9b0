package dev.holdfast.effect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.effect.CaseTable.Row;
import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Holds effect-cases.md to its word. */
class EffectCasesTest {

  private static final String CASES = "effect-cases.md";

  @Test
  void everyCaseOfTheOriginalIsListedOnce() throws IOException {
    assertThat(CaseTable.rows(CASES))
        .extracting(Row::number)
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 36).boxed().toList());
  }

  @Test
  void everyTestNamedExistsAndACaseWithoutOneSaysWhy() throws IOException {
    CaseTable.requireTests(CASES, EffectCasesTest.class.getPackageName());
  }
}
