package dev.holdfast.effect.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.effect.CaseTable;
import dev.holdfast.effect.CaseTable.Row;
import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Holds breaker-cases.md to its word. */
class BreakerCasesTest {

  private static final String CASES = "breaker-cases.md";

  @Test
  void everyCaseOfTheOriginalIsListedOnce() throws IOException {
    assertThat(CaseTable.rows(CASES))
        .extracting(Row::number)
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 30).boxed().toList());
  }

  @Test
  void everyTestNamedExists() throws IOException {
    for (Row row : CaseTable.rows(CASES)) {
      for (String test : row.tests()) {
        assertThat(CaseTable.isTest(BreakerCasesTest.class.getPackageName(), test))
            .as("case %d: %s", row.number(), test)
            .isTrue();
      }
    }
  }

  @Test
  void aCaseWithoutTestSaysWhy() throws IOException {
    assertThat(CaseTable.rows(CASES))
        .filteredOn(row -> row.tests().isEmpty())
        .allMatch(row -> row.remark().length() > 20)
        .extracting(Row::number)
        .containsExactly(26);
  }
}
