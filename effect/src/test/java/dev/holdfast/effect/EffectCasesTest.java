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
    String here = EffectCasesTest.class.getPackageName();
    for (Row row : CaseTable.rows(CASES)) {
      assertThat(row.tests())
          .as("case %d", row.number())
          .allMatch(test -> CaseTable.isTest(here, test));
      assertThat(row.tests().isEmpty() && row.remark().length() < 20)
          .as("case %d says nothing", row.number())
          .isFalse();
    }
  }
}
