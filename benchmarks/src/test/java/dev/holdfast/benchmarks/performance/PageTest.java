package dev.holdfast.benchmarks.performance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.benchmarks.report.Check;
import dev.holdfast.benchmarks.report.Contender;
import dev.holdfast.benchmarks.report.Layout;
import dev.holdfast.benchmarks.report.Measurement;
import dev.holdfast.benchmarks.report.Metric;
import dev.holdfast.benchmarks.report.Report;
import dev.holdfast.benchmarks.report.ResultsFile;
import dev.holdfast.benchmarks.writes.Statements;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageTest {

  private static final List<String> BLOCKS =
      List.of("sql", "writes", "effects", "reads", "memory", "history", "cache", "features");

  @TempDir
  private Path root = Path.of("");

  private Path page = Path.of("");

  @BeforeEach
  void makeAPageWithEmptyBlocks() throws Exception {
    Files.createDirectories(root.resolve("benchmarks/results"));
    Files.createDirectories(root.resolve("docs"));
    page = root.resolve("docs/performance.md");
    StringBuilder text = new StringBuilder("By hand, first.\n");
    BLOCKS.forEach(
        name -> text.append("<!-- measured: " + name + " -->\n<!-- /measured: " + name + " -->\n"));
    Files.writeString(page, text + "By hand, last.\n");
  }

  @Test
  void showsTheNewestFullResultsWithTheirPlotsAndVerdicts() throws Exception {
    results("writes-2026-01-01-0000", 1);
    results("writes-2026-01-02-0000", 2);
    results("writes-2026-01-03-0000-quick", 3);
    new Page(root.resolve("benchmarks"), false).write();
    String text = Files.readString(page);
    assertThat(text)
        .startsWith("By hand, first.\n")
        .endsWith("By hand, last.\n")
        .contains(
            "writes-2026-01-02-0000.jsonl",
            "MISS",
            "![Setting one key: throughput](performance/writes-rate.svg)")
        .doesNotContain("2026-01-01-0000", "quick");
    assertThat(Files.readString(root.resolve("docs/performance/writes-rate.svg")))
        .contains(">2<");
    assertThat(root.resolve("docs/performance/writes-wal.svg")).doesNotExist();
  }

  @Test
  void canShowAQuickRunAndSaysSo() throws Exception {
    results("writes-2026-01-02-0000", 2);
    results("writes-2026-01-03-0000-quick", 3);
    new Page(root.resolve("benchmarks"), true).write();
    assertThat(Files.readString(page)).contains("-quick.jsonl", "**a quick run**");
  }

  @Test
  void writesTheSameAgain() throws Exception {
    results("writes-2026-01-02-0000", 2);
    new Page(root.resolve("benchmarks"), false).write();
    String once = Files.readString(page);
    new Page(root.resolve("benchmarks"), false).write();
    assertThat(Files.readString(page)).isEqualTo(once);
  }

  @Test
  void refusesAPageWithoutMarkers() {
    assertThatThrownBy(() -> Page.replaced("text", "writes", "figures"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("writes");
  }

  /** The statements on the real page are those that are measured; {@code benchmarks/run page} renews them. */
  @Test
  void theRealPageShowsTheStatementsThatAreMeasured() throws Exception {
    assertThat(Files.readString(Path.of("../docs/performance.md")))
        .contains(Statements.toMarkdown());
  }

  private void results(String name, double value) {
    Path path = root.resolve("benchmarks/results").resolve(name + ".jsonl");
    Map<String, String> meta = Map.of("quick", String.valueOf(name.endsWith("quick")));
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    try (ResultsFile file = ResultsFile.create(path, "writes", meta)) {
      Report report = new Report(nowhere, file);
      report.section("Set one key", Layout.CONTENDERS_DOWN);
      report.add(new Measurement(Contender.alone("Holdfast"), new Metric("set", "1/s"), 1, value));
      report.check(Check.atLeast("fast enough", "", 10, value));
      report.finish();
    }
  }
}
