package dev.holdfast.benchmarks.performance;

import dev.holdfast.benchmarks.report.Check;
import dev.holdfast.benchmarks.report.Results;
import dev.holdfast.benchmarks.report.Section;
import dev.holdfast.benchmarks.writes.Statements;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Writes the newest results of every suite into {@code docs/performance.md}, between the markers, and their plots beside it. What stands
 * outside the markers is written by people and stays. Confined to one thread.
 */
public final class Page {

  private static final List<String> SUITES =
      List.of("writes", "effects", "reads", "memory", "history", "cache", "features");

  private final Path results;
  private final Path docs;
  private final boolean withQuick;

  /**
   * The page of a working copy.
   *
   * @param folder of the benchmarks
   * @param withQuick whether results of quick runs count as well, to have a look at the page
   */
  public Page(Path folder, boolean withQuick) {
    this.results = folder.resolve("results");
    this.docs = folder.toAbsolutePath().normalize().resolveSibling("docs");
    this.withQuick = withQuick;
  }

  /** Writes it. A suite without results keeps what the page has. */
  public void write() {
    Path page = docs.resolve("performance.md");
    try {
      String text = replaced(Files.readString(page), "sql", Statements.toMarkdown());
      for (String suite : SUITES) {
        Optional<Path> file = newest(suite);
        if (file.isPresent()) {
          text = replaced(text, suite, measured(file.get()));
        }
      }
      Files.writeString(page, text);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + page, e);
    }
  }

  /** The names end in the date, so the last one is the newest. */
  private Optional<Path> newest(String suite) throws IOException {
    try (Stream<Path> files = Files.list(results)) {
      return files
          .filter(
              file -> file.getFileName().toString().matches(suite + "-[-0-9]+(-quick)?\\.jsonl"))
          .filter(file -> withQuick || !file.toString().endsWith("-quick.jsonl"))
          .max(Comparator.comparing(file -> file.getFileName().toString().replace("-quick", "")));
    }
  }

  private String measured(Path file) throws IOException {
    Results read = Results.read(file);
    StringBuilder text = new StringBuilder(about(read, file)).append("\n\n");
    for (Plots.Plot plot : Plots.of(read)) {
      Path target = docs.resolve("performance").resolve(plot.file());
      Files.createDirectories(target.getParent());
      Files.writeString(target, plot.chart().toSvg());
      text.append("![")
          .append(plot.chart().title())
          .append("](performance/")
          .append(plot.file())
          .append(")\n\n");
    }
    text.append(Check.toMarkdown(read.checks()));
    read.sections().forEach(section -> text.append(section.toMarkdown()));
    return text.toString().strip();
  }

  private static String about(Results read, Path file) {
    Map<String, String> meta = read.meta();
    String seed = meta.containsKey("seed") ? ", seed " + meta.get("seed") : "";
    String quick = meta.getOrDefault("quick", "").equals("true") ? ", **a quick run**" : "";
    return "Measured " + day(meta) + ": PostgreSQL " + meta.getOrDefault("server_version", "?")
        + ", " + meta.getOrDefault("java", "?") + ", " + meta.getOrDefault("processors", "?")
        + " processors shared by the server and the load" + fsync(read) + load(meta) + seed + quick
        + ". All values: `benchmarks/results/" + file.getFileName() + "`.";
  }

  /** Tells a reader when the machine had other things to do. */
  private static String load(Map<String, String> meta) {
    double average = Double.parseDouble(meta.getOrDefault("load_average", "-1"));
    return average < 0 ? "" : ", load average before " + Math.round(average * 10) / 10.0;
  }

  private static String day(Map<String, String> meta) {
    return meta.getOrDefault("started_at", "?").split("T", -1)[0];
  }

  private static String fsync(Results read) {
    return read.section("Floor")
        .flatMap(Page::fsync)
        .map(millis -> ", an fsync of the server takes " + millis + " ms")
        .orElse("");
  }

  private static Optional<String> fsync(Section floor) {
    return floor.metrics().stream()
        .filter(metric -> metric.name().startsWith("fsync"))
        .findFirst()
        .flatMap(metric -> floor.find(floor.contenders().get(0), metric))
        .map(summary -> summary.toText());
  }

  /**
   * The page with other lines between the two markers of a name.
   *
   * @throws IllegalStateException when the page does not have them
   */
  static String replaced(String page, String name, String content) {
    String begin = "<!-- measured: " + name + " -->\n";
    String end = "<!-- /measured: " + name + " -->";
    int from = page.indexOf(begin);
    int to = page.indexOf(end, from);
    if (from < 0 || to < 0) {
      throw new IllegalStateException(
          "The page lacks the markers of " + name + ": " + begin.strip() + " … " + end);
    }
    return page.substring(0, from + begin.length()) + "\n" + content + "\n\n" + page.substring(to);
  }
}
