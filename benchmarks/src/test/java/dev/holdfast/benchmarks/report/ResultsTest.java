package dev.holdfast.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {

  private static final Metric TIME = Metric.millis("time");
  private static final Contender FAST = new Contender("fast", 16, 1_000);

  @TempDir
  private Path folder = Path.of("");

  /** What is read back prints the very same. */
  @Test
  void areReadBackAsTheyWereReported() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Path path = folder.resolve("x.jsonl");
    try (ResultsFile file = ResultsFile.create(path, "x", Map.of("seed", "7"))) {
      Report report = new Report(new PrintStream(out, true, StandardCharsets.UTF_8), file);
      report.section("One", Layout.CONTENDERS_DOWN);
      report.add(new Measurement(FAST, TIME, 1, 0.000123));
      report.add(new Measurement(FAST, TIME, 2, 1234567.891));
      report.note("A note.");
      report.section("Two", Layout.METRICS_DOWN);
      report.add(new Measurement(Contender.alone("slow"), new Metric("count", ""), 1, 3));
      report.check(Check.atLeast("fast enough", "times", 1.5, 1.4999999));
      report.finish();
    }
    Results results = Results.read(path);
    StringBuilder again = new StringBuilder();
    results.sections().forEach(section -> again.append(section.toMarkdown()));
    again.append(Check.toMarkdown(results.checks()));
    assertThat(again.toString()).isEqualTo(out.toString(StandardCharsets.UTF_8)).contains("MISS");
    assertThat(results.suite()).isEqualTo("x");
    assertThat(results.meta()).containsEntry("seed", "7");
    assertThat(results.section("Tw")).map(Section::title).contains("Two");
    assertThat(results.section("Three")).isEmpty();
  }

  @Test
  void refusesAFileOfValuesWithoutTables() throws Exception {
    Path path = folder.resolve("old.jsonl");
    Files.writeString(
        path,
        ResultsFile.metaLine("x", Map.of()) + "\n"
            + new Measurement(FAST, TIME, 1, 1).toJsonLine("x") + "\n");
    assertThatThrownBy(() -> Results.read(path))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no table");
  }

  @Test
  void refusesAFileThatDoesNotSayWhatItIsAbout() throws Exception {
    Path path = folder.resolve("empty.jsonl");
    Files.writeString(path, "");
    assertThatThrownBy(() -> Results.read(path))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("empty.jsonl");
  }
}
