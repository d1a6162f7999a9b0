package dev.holdfast.effect.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.effect.CaseTable;
import dev.holdfast.effect.CaseTable.Row;
import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Holds registry-cases.md to its word. */
class RegistryCasesTest {

  private static final String CASES = "registry-cases.md";

  @Test
  void everyCaseOfTheOriginalIsListedOnce() throws IOException {
    assertThat(CaseTable.rows(CASES))
        .extracting(Row::number)
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 35).boxed().toList());
  }

  @Test
  void everyTestNamedExistsAndACaseWithoutOneSaysWhy() throws IOException {
    CaseTable.requireTests(CASES, RegistryCasesTest.class.getPackageName());
  }
}
