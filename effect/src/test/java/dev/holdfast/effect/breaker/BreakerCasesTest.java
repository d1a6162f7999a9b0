package dev.holdfast.effect.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** Holds breaker-cases.md to its word. */
class BreakerCasesTest {

  private record Row(int number, List<String> tests, String remark) {}

  @Test
  void everyCaseOfTheOriginalIsListedOnce() throws IOException {
    assertThat(rows())
        .extracting(Row::number)
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 30).boxed().toList());
  }

  @Test
  void everyTestNamedExists() throws IOException {
    for (Row row : rows()) {
      for (String test : row.tests()) {
        assertThat(isTest(test)).as("case %d: %s", row.number(), test).isTrue();
      }
    }
  }

  @Test
  void aCaseWithoutTestSaysWhy() throws IOException {
    assertThat(rows())
        .filteredOn(row -> row.tests().isEmpty())
        .allMatch(row -> row.remark().length() > 20)
        .extracting(Row::number)
        .containsExactly(26);
  }

  private static boolean isTest(String name) {
    String[] parts = name.split("\\.", -1);
    try {
      Class<?> type = Class.forName(BreakerCasesTest.class.getPackageName() + "." + parts[0]);
      return Arrays.stream(type.getDeclaredMethods())
          .filter(method -> method.getName().equals(parts[1]))
          .anyMatch(method -> method.isAnnotationPresent(Test.class)
              || method.isAnnotationPresent(ParameterizedTest.class));
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static List<Row> rows() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(BreakerCasesTest.class.getResourceAsStream("/breaker-cases.md"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.matches("\\| \\d+ \\|.*"))
          .map(BreakerCasesTest::row)
          .toList();
    }
  }

  private static Row row(String line) {
    String[] cells = line.split("\\|", -1);
    String tests = cells[3].strip();
    return new Row(
        Integer.parseInt(cells[1].strip()),
        tests.equals("-") ? List.of() : Arrays.asList(tests.split(", ", -1)),
        cells[4].strip());
  }
}
