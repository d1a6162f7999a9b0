package dev.holdfast.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds cache-cases.md and compute-cases.md to their word. */
class CacheCasesTest {

  private record Row(int number, List<String> tests, String remark) {

    boolean hasNoTest() {
      return tests.equals(List.of("-"));
    }
  }

  @ParameterizedTest
  @CsvSource({"cache-cases.md, 40", "compute-cases.md, 16"})
  void everyCaseOfTheOriginalIsListedOnce(String resource, int cases) throws IOException {
    assertThat(rows(resource))
        .extracting(Row::number)
        .containsExactlyElementsOf(IntStream.rangeClosed(1, cases).boxed().toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"cache-cases.md", "compute-cases.md"})
  void everyTestNamedExistsAndACaseWithoutOneSaysWhy(String resource) throws IOException {
    for (Row row : rows(resource)) {
      if (row.hasNoTest()) {
        assertThat(row.remark()).as("case %d", row.number()).hasSizeGreaterThan(20);
      } else {
        assertThat(row.tests())
            .isNotEmpty()
            .allSatisfy(test -> assertThat(isTest(test)).as(test).isTrue());
      }
    }
  }

  @Test
  void everyCaseOfTheCacheHasATest() throws IOException {
    assertThat(rows("cache-cases.md")).noneMatch(Row::hasNoTest);
  }

  private static boolean isTest(String name) {
    String[] parts = name.split("\\.", -1);
    return Stream.of("dev.holdfast.cache.", "dev.holdfast.contract.", "dev.holdfast.compute.")
        .flatMap(prefix -> type(prefix + parts[0]))
        .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
        .filter(method -> method.getName().equals(parts[1]))
        .anyMatch(method -> method.isAnnotationPresent(Test.class)
            || method.isAnnotationPresent(ParameterizedTest.class));
  }

  private static Stream<Class<?>> type(String name) {
    try {
      return Stream.of(Class.forName(name));
    } catch (ClassNotFoundException e) {
      return Stream.empty();
    }
  }

  private static List<Row> rows(String resource) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(CacheCasesTest.class.getResourceAsStream("/" + resource))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.matches("\\| \\d+ \\|.*"))
          .map(line -> line.split("\\|", -1))
          .map(cells -> new Row(
              Integer.parseInt(cells[1].strip()),
              Arrays.asList(cells[3].strip().split(", ", -1)),
              cells[4].strip()))
          .toList();
    }
  }
}
