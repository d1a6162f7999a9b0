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

/** Holds cache-cases.md to its word. */
class CacheCasesTest {

  private record Row(int number, List<String> tests) {}

  @Test
  void everyCaseOfTheOriginalIsListedOnceWithATest() throws IOException {
    assertThat(rows())
        .extracting(Row::number)
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 40).boxed().toList());
  }

  @Test
  void everyTestNamedExists() throws IOException {
    for (Row row : rows()) {
      assertThat(row.tests())
          .isNotEmpty()
          .allSatisfy(test -> assertThat(isTest(test)).as(test).isTrue());
    }
  }

  private static boolean isTest(String name) {
    String[] parts = name.split("\\.", -1);
    return Stream.of("dev.holdfast.cache.", "dev.holdfast.contract.")
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

  private static List<Row> rows() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(CacheCasesTest.class.getResourceAsStream("/cache-cases.md"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.matches("\\| \\d+ \\|.*"))
          .map(line -> line.split("\\|", -1))
          .map(cells -> new Row(
              Integer.parseInt(cells[1].strip()), Arrays.asList(cells[3].strip().split(", ", -1))))
          .toList();
    }
  }
}
