package dev.holdfast.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

  private static final Metric TIME = Metric.millis("time");
  private static final Contender FAST = Contender.alone("fast");
  private static final Contender SLOW = new Contender("slow", 2, 3);

  @TempDir
  private Path folder = Path.of("");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void printsMediansOfContendersDown() throws Exception {
    assertThat(printed(Layout.CONTENDERS_DOWN, 2))
        .containsSequence(
            "### Times",
            "",
            "| contender | threads | states |     time [ms] |",
            "|-----------|--------:|-------:|--------------:|",
            "| fast      |       1 |      1 | 2 (1.50–2.50) |",
            "| slow      |       2 |      3 |             9 |");
  }

  @Test
  void printsMetricsDown() throws Exception {
    assertThat(printed(Layout.METRICS_DOWN, 2)).contains("| time [ms] | 2 (1.50–2.50) |    9 |");
  }

  @Test
  void saysWhetherRequirementsAreMet() throws Exception {
    assertThat(printed(Layout.METRICS_DOWN, 2))
        .contains("| fast enough | at most 2 ms |     2 ms |    PASS |");
    out.reset();
    assertThat(printed(Layout.METRICS_DOWN, 1))
        .contains("| fast enough | at most 1 ms |     2 ms |    MISS |");
  }

  private List<String> printed(Layout layout, double limit) throws Exception {
    Path path = folder.resolve("results").resolve("x.jsonl");
    try (ResultsFile file = ResultsFile.create(path, "x", Map.of())) {
      Report report = new Report(new PrintStream(out, true, StandardCharsets.UTF_8), file);
      report.section("Times", layout);
      List.of(1, 2, 3).forEach(value -> report.add(new Measurement(FAST, TIME, value, value)));
      report.add(new Measurement(SLOW, TIME, 1, 9));
      double median = report.summary(FAST, TIME).median();
      report.check(Check.atMost("fast enough", "ms", limit, median));
      assertThat(report.finish()).isEqualTo(median <= limit);
    }
    assertThat(Files.readAllLines(path)).hasSize(7);
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
