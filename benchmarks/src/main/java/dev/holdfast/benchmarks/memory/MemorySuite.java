package dev.holdfast.benchmarks.memory;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.Settings;
import dev.holdfast.benchmarks.Suite;
import dev.holdfast.benchmarks.report.Check;
import dev.holdfast.benchmarks.report.Contender;
import dev.holdfast.benchmarks.report.Layout;
import dev.holdfast.benchmarks.report.Measurement;
import dev.holdfast.benchmarks.report.Metric;
import java.util.Collection;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What is done in memory only, by JMH, in virtual machines of its own. Stateless. */
public final class MemorySuite implements Suite {

  /** Which classes JMH runs. */
  static final String INCLUDED = MemorySuite.class.getPackageName() + "\\..*Benchmarks";

  private static final Metric TIME = new Metric("time", "ns");
  private static final Metric ALLOCATED = new Metric("allocated", "B");

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public String description() {
    return "what is done in memory only";
  }

  @Override
  public void run(Bench bench) {
    bench.report().section("In memory, time and allocation of one call", Layout.CONTENDERS_DOWN);
    // One virtual machine each, and all again: a shared machine is half as fast for seconds, and
    // what
    // is compared should not be minutes apart.
    int iterations = bench.settings().rounds(3, 3);
    for (int turn = 0; turn < bench.settings().choose(5, 1); turn++) {
      bench.progress("turn " + (turn + 1));
      for (RunResult result : measure(bench.settings(), iterations)) {
        report(bench, result, turn * iterations);
      }
    }
    double cached = median(bench, "cachedGet");
    check(bench, "cached get / Caffeine", "", 3, cached / median(bench, "caffeineGetIfPresent"));
    double snapshot = median(bench, "cachedSnapshotUnchanged");
    check(bench, "snapshot of 1,000 keys, unchanged", "ns", 200, snapshot);
    double changed = median(bench, "cachedWrite") + snapshot;
    check(bench, "snapshot of 1,000 keys, after one change", "ns", 5_000, changed);
  }

  private static void check(
      Bench bench, String requirement, String unit, double limit, double value) {
    bench.report().check(Check.atMost(requirement, unit, limit, value));
  }

  private static double median(Bench bench, String method) {
    return bench.report().summary(Contender.alone(words(method)), TIME).median();
  }

  private static Collection<RunResult> measure(Settings settings, int iterations) {
    try {
      return new Runner(options(settings, iterations)).run();
    } catch (RunnerException e) {
      throw new IllegalStateException("JMH failed: " + e.getMessage(), e);
    }
  }

  private static Options options(Settings settings, int iterations) {
    return new OptionsBuilder()
        .include(INCLUDED)
        .mode(Mode.AverageTime)
        .timeUnit(TimeUnit.NANOSECONDS)
        .forks(1)
        .warmupIterations(settings.choose(3, 2))
        .warmupTime(time(settings))
        .measurementIterations(iterations)
        .measurementTime(time(settings))
        .addProfiler(GCProfiler.class)
        .verbosity(VerboseMode.SILENT)
        .shouldFailOnError(true)
        .build();
  }

  private static TimeValue time(Settings settings) {
    return TimeValue.milliseconds(settings.choose(1_000, 500));
  }

  /** Every iteration of every virtual machine is a round. */
  private static void report(Bench bench, RunResult result, int roundsBefore) {
    Contender contender = Contender.alone(words(result.getParams().getBenchmark()));
    int round = roundsBefore + 1;
    for (BenchmarkResult fork : result.getBenchmarkResults()) {
      for (IterationResult iteration : fork.getIterationResults()) {
        double nanos = iteration.getPrimaryResult().getScore();
        bench.report().add(new Measurement(contender, TIME, round, nanos));
        Result<?> allocated = iteration.getSecondaryResults().get("gc.alloc.rate.norm");
        if (allocated != null) {
          bench.report().add(new Measurement(contender, ALLOCATED, round, allocated.getScore()));
        }
        round++;
      }
    }
  }

  /** The name of a method as words: {@code fold16Appends} is "fold 16 appends". */
  static String words(String method) {
    String name = method.substring(method.lastIndexOf('.') + 1);
    return name.replaceAll("(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Z])", " ")
        .toLowerCase(Locale.ROOT);
  }
}
