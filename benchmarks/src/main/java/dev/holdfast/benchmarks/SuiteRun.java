package dev.holdfast.benchmarks;

import dev.holdfast.benchmarks.report.Contender;
import dev.holdfast.benchmarks.report.Layout;
import dev.holdfast.benchmarks.report.Measurement;
import dev.holdfast.benchmarks.report.Metric;
import dev.holdfast.benchmarks.report.Report;
import dev.holdfast.benchmarks.report.ResultsFile;
import dev.holdfast.benchmarks.server.CommitFloor;
import dev.holdfast.benchmarks.server.Database;
import dev.holdfast.benchmarks.server.ServerFacts;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs suites on one database: says where, measures the floor, then lets the suite measure. Confined to one thread. */
final class SuiteRun {

  private static final DateTimeFormatter FILE_DATE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmm").withZone(ZoneOffset.UTC);

  private final Database database;
  private final Settings settings;
  private final Path results;
  private final Clock clock;
  private final PrintStream out;

  SuiteRun(Database database, Settings settings, Path results, Clock clock, PrintStream out) {
    this.database = database;
    this.settings = settings;
    this.results = results;
    this.clock = clock;
    this.out = out;
  }

  /**
   * Runs a suite.
   *
   * @return whether its requirements are met
   */
  boolean run(Suite suite) {
    ServerFacts facts = database.facts();
    String date = FILE_DATE.format(clock.instant());
    Path path = results.resolve(
        suite.name() + "-" + date + (settings.isQuick() ? "-quick" : "") + ".jsonl");
    try (ResultsFile file = ResultsFile.create(path, suite.name(), meta(facts))) {
      out.println(
          "## " + suite.name() + ": " + suite.description() + "\n\n" + heading(facts) + "\n");
      Report report = new Report(out, file);
      Bench bench =
          new Bench(database, settings, report, new CommitFloor(database, database.newSchema()));
      measureFloor(bench);
      int before = report.count();
      suite.run(bench);
      requireMeasured(suite, report.count() - before);
      boolean isMet = report.finish();
      out.println("Values: " + file.path());
      return isMet;
    }
  }

  /** What is not measured must not look as if all requirements were met. */
  private void requireMeasured(Suite suite, int values) {
    if (values == 0) {
      throw new IllegalStateException("Nothing was measured: no load of " + suite.name() + " has \""
          + settings.only() + "\" in its name");
    }
  }

  private Map<String, String> meta(ServerFacts facts) {
    Map<String, String> meta = new LinkedHashMap<>();
    meta.put("started_at", clock.instant().toString());
    meta.put("seed", String.valueOf(settings.seed()));
    meta.put("quick", String.valueOf(settings.isQuick()));
    meta.put("server_version", facts.version());
    meta.putAll(facts.settings());
    meta.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
    meta.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    meta.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
    meta.put(
        "load_average",
        String.valueOf(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
    return meta;
  }

  private String heading(ServerFacts facts) {
    return "PostgreSQL " + facts.version() + " (" + facts.settingsText() + "), Java "
        + Runtime.version() + ", " + Runtime.getRuntime().availableProcessors()
        + " processors, seed "
        + settings.seed() + ".";
  }

  private static void addFsync(Bench bench, int round) {
    bench
        .floor()
        .fsyncMillis()
        .ifPresent(millis -> bench
            .report()
            .add(new Measurement(
                Contender.alone("floor"),
                Metric.millis("fsync, as the server measures it"),
                round,
                millis)));
  }

  /** Every suite begins with it, because times of durable writes mean nothing without it. */
  private void measureFloor(Bench bench) {
    bench.report().section("Floor: one bare single-row insert per commit", Layout.CONTENDERS_DOWN);
    for (int round = 1; round <= settings.rounds(9, 3); round++) {
      bench.report().add(bench.floor().measure(Metric.millis("commit"), round));
      addFsync(bench, round);
    }
  }
}
