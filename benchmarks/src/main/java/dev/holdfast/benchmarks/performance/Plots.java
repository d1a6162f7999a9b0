package dev.holdfast.benchmarks.performance;

import dev.holdfast.benchmarks.plot.BarChart;
import dev.holdfast.benchmarks.report.Contender;
import dev.holdfast.benchmarks.report.Metric;
import dev.holdfast.benchmarks.report.Results;
import dev.holdfast.benchmarks.report.Section;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/** What is drawn of each suite. Stateless. */
final class Plots {

  private static final String HOLDFAST = "Holdfast";
  private static final String FLOOR = "floor";
  private static final List<String> WRITERS = List.of(
      FLOOR,
      "one function",
      "naive JDBC",
      "queue by hand",
      "single statement",
      "rewriting",
      HOLDFAST);
  private static final List<String> RUNNERS =
      List.of(FLOOR, "journal by hand", "DBOS Transact", HOLDFAST);
  private static final List<String> READERS =
      List.of("JDBC, same tables", "JDBC, table of current values", HOLDFAST);
  private static final List<String> ALONE = List.of(HOLDFAST);

  private Plots() {}

  /** The plots of a run, without those of which nothing was measured. */
  static List<Plot> of(Results results) {
    return plots(results).stream().filter(plot -> !plot.chart.isEmpty()).toList();
  }

  private static List<Plot> plots(Results results) {
    return switch (results.suite()) {
      case "writes" -> writes(results);
      case "effects" -> effects(results);
      case "reads" -> reads(results);
      case "memory" -> memory(results);
      case "history" -> history(results);
      default -> List.of();
    };
  }

  private static List<Plot> writes(Results results) {
    BarChart ratio = new BarChart(
            "Setting one key: throughput relative to the floor", "times the floor", true, WRITERS)
        .line(1, FLOOR);
    fill(ratio, results, "Set one key", "set / floor", Plots::load, Plots::isNoFloor);
    BarChart rate = new BarChart("Setting one key: throughput", "writes per second", true, WRITERS);
    fill(rate, results, "Set one key", "set", Plots::load, any -> true);
    BarChart update =
        new BarChart("Updating several keys together, one writer", "mean time [ms]", true, WRITERS);
    fill(update, results, "Update", "update of \\d+ keys mean", Plots::keys, any -> true);
    return List.of(
        new Plot("writes-ratio.svg", ratio),
        new Plot("writes-rate.svg", rate),
        new Plot("writes-update.svg", update),
        new Plot("writes-conversation.svg", conversation(results)),
        new Plot("writes-wal.svg", wal(results)));
  }

  private static BarChart conversation(Results results) {
    BarChart steps = new BarChart(
            "Conversation of 200 steps, 16 writers: throughput relative to the floor",
            "times the floor",
            false,
            WRITERS)
        .line(1, FLOOR);
    fill(
        steps,
        results,
        "Conversation",
        "step / floor",
        (who, what) -> "append a message and set a phase",
        Plots::isNoFloor);
    return steps;
  }

  private static BarChart wal(Results results) {
    BarChart wal = new BarChart("Write-ahead log per write", "bytes", true, WRITERS);
    fill(
        wal,
        results,
        "Set one key",
        "WAL per set",
        (who, what) -> "set one key",
        who -> who.threads() == 16 && who.states() > 1);
    fill(
        wal,
        results,
        "Conversation",
        "WAL per step",
        (who, what) -> "step of a conversation",
        any -> true);
    return wal;
  }

  private static List<Plot> effects(Results results) {
    BarChart rate = new BarChart(
        "Three operations and a result: throughput", "workflows per second", true, RUNNERS);
    fill(rate, results, "Three operations", "workflow", Plots::threads, any -> true);
    return List.of(new Plot("effects-rate.svg", rate));
  }

  private static List<Plot> reads(Results results) {
    BarChart median = new BarChart("Reads, 1 thread: median latency", "ms", true, READERS);
    fill(median, results, "Read", ".* p50", Plots::operation, who -> who.threads() == 1);
    BarChart busy =
        new BarChart("Reads, 16 threads: 99th percentile of latency", "ms", true, READERS);
    fill(busy, results, "Read", ".* p99", Plots::operation, who -> who.threads() == 16);
    return List.of(new Plot("reads-median.svg", median), new Plot("reads-p99.svg", busy));
  }

  private static List<Plot> memory(Results results) {
    BarChart time = new BarChart("In memory, 1 thread: time of a call", "ns", true, ALONE);
    for (Section section : results.sections()) {
      if (section.title().startsWith("In memory")) {
        fillAlone(time, section, "time");
      }
    }
    return List.of(new Plot("memory.svg", time));
  }

  private static List<Plot> history(Results results) {
    BarChart wal = new BarChart(
        "Write-ahead log of a conversation of 200 steps, 1 writer", "bytes per step", true, ALONE);
    results
        .section("Conversation")
        .ifPresent(section -> fillAlone(wal, section, "WAL per step, steady"));
    return List.of(new Plot("history-wal.svg", wal));
  }

  /** Adds a bar for every contender that has a value of the metric. */
  private static void fillAlone(BarChart chart, Section section, String metric) {
    for (Metric what : section.metrics()) {
      for (Contender who : section.contenders()) {
        if (what.name().equals(metric)) {
          section.find(who, what).ifPresent(value -> chart.add(who.name(), HOLDFAST, value));
        }
      }
    }
  }

  /** Adds a bar for every value of the metrics whose whole name matches, in the sections whose title begins with the words. */
  private static void fill(
      BarChart chart,
      Results results,
      String title,
      String metric,
      BiFunction<Contender, Metric, String> group,
      Predicate<Contender> wanted) {
    for (Section section : results.sections()) {
      if (section.title().startsWith(title)) {
        for (Metric what : section.metrics()) {
          if (what.name().matches(metric)) {
            section.contenders().stream()
                .filter(wanted)
                .forEach(who -> section
                    .find(who, what)
                    .ifPresent(value -> chart.add(group.apply(who, what), who.name(), value)));
          }
        }
      }
    }
  }

  private static String threads(Contender who, Metric what) {
    return who.threads() == 1 ? "1 thread" : who.threads() + " threads";
  }

  private static String load(Contender who, Metric what) {
    String threads = who.threads() == 1 ? "1 writer" : who.threads() + " writers";
    return threads + (who.states() == 1 ? ", one state" : ", " + who.states() + " states");
  }

  private static String keys(Contender who, Metric what) {
    return what.name().replace("update of ", "").replace(" mean", "");
  }

  private static String operation(Contender who, Metric what) {
    return what.name().replaceAll(" p\\d+$", "");
  }

  private static boolean isNoFloor(Contender who) {
    return !who.name().equals(FLOOR);
  }

  /** A picture and the file it goes to. */
  record Plot(String file, BarChart chart) {}
}
