package dev.holdfast.effect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** A table in Markdown that says for each case of the original which tests look at it. */
public final class CaseTable {

  private CaseTable() {}

  /** A line of the table. */
  public record Row(int number, List<String> tests, String remark) {}

  /** The lines of a resource. */
  public static List<Row> rows(String resource) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(CaseTable.class.getResourceAsStream("/" + resource))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.matches("\\| \\d+ \\|.*"))
          .map(CaseTable::row)
          .toList();
    }
  }

  /** Every test that is named exists, and a case without one says why. */
  public static void requireTests(String resource, String packageName) throws IOException {
    for (Row row : rows(resource)) {
      assertThat(row.tests())
          .as("case %d", row.number())
          .allMatch(test -> isTest(packageName, test));
      assertThat(row.tests().isEmpty() && row.remark().length() < 20)
          .as("case %d says nothing", row.number())
          .isFalse();
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

  /** Whether a name such as {@code RollbackTest.undoesBackwards} is a test of a package or below it. */
  public static boolean isTest(String packageName, String name) {
    int dot = name.lastIndexOf('.');
    String[] parts = {name.substring(0, dot), name.substring(dot + 1)};
    try {
      Class<?> type = Class.forName(packageName + "." + parts[0]);
      return Arrays.stream(type.getDeclaredMethods())
          .filter(method -> method.getName().equals(parts[1]))
          .anyMatch(method -> method.isAnnotationPresent(Test.class)
              || method.isAnnotationPresent(ParameterizedTest.class));
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
