package dev.holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** Each of the 76 cases of the original design has a counterpart here; the table says which. */
final class SystemsCasesTest {

  private static final Set<Integer> BENCHMARKS = Set.of(41, 42, 43, 44);
  private static final Pattern ROW = Pattern.compile("\\| *(\\d+) *\\|([^|]*)\\|([^|]*)\\|");
  private static final Pattern NAME = Pattern.compile("`([^`]+)`");

  private static Map<Integer, List<String>> table() throws IOException {
    Map<Integer, List<String>> table = new TreeMap<>();
    try (InputStream stream =
        Objects.requireNonNull(SystemsCasesTest.class.getResourceAsStream("/systems-cases.md"))) {
      new String(stream.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(ROW::matcher)
          .filter(Matcher::matches)
          .forEach(row -> assertThat(table.put(Integer.parseInt(row.group(1)), names(row.group(3))))
              .as("case %s occurs twice", row.group(1))
              .isNull());
    }
    return table;
  }

  private static List<String> names(String cell) {
    return NAME.matcher(cell).results().map(name -> name.group(1)).toList();
  }

  @Test
  void everyCaseHasACounterpart() throws IOException {
    assertThat(table().keySet())
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 76).boxed().toList());
    assertThat(table().values()).noneMatch(List::isEmpty);
  }

  @Test
  void everyNamedTestExists() throws IOException {
    table().forEach((number, names) -> {
      if (!BENCHMARKS.contains(number)) {
        assertThat(names).as("case %d", number).allSatisfy(SystemsCasesTest::assertTest);
      }
    });
  }

  @Test
  void performanceCasesAreBenchmarks() throws IOException {
    Map<Integer, List<String>> table = table();

    assertThat(BENCHMARKS)
        .allSatisfy(number -> assertThat(table.getOrDefault(number, List.of()))
            .allMatch(name -> name.startsWith("benchmarks/run ")));
  }

  private static void assertTest(String name) throws ClassNotFoundException {
    int dot = name.indexOf('.');
    Class<?> type = Class.forName(
        SystemsCasesTest.class.getPackageName() + "." + name.substring(0, Math.max(0, dot)));
    assertThat(Stream.of(type.getDeclaredMethods())
            .filter(SystemsCasesTest::isTest)
            .map(Method::getName))
        .contains(name.substring(dot + 1));
  }

  private static boolean isTest(Method method) {
    return method.isAnnotationPresent(Test.class)
        || method.isAnnotationPresent(ParameterizedTest.class);
  }
}
