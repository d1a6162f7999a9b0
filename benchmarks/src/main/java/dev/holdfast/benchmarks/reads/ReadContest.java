package dev.holdfast.benchmarks.reads;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.load.LoadDriver;
import dev.holdfast.benchmarks.load.LoadResult;
import dev.holdfast.benchmarks.load.Stop;
import dev.holdfast.benchmarks.report.Contender;
import dev.holdfast.benchmarks.report.Layout;
import dev.holdfast.benchmarks.report.Measurement;
import dev.holdfast.benchmarks.report.Metric;
import dev.holdfast.benchmarks.server.UsageMeter;
import dev.holdfast.benchmarks.server.UsageMeter.Metered;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** Several ways to read the same, in turns, in a new random order each round, by 1, 4 and 16 threads. Confined to one thread. */
final class ReadContest {

  private static final List<Integer> THREADS = List.of(1, 4, 16);

  private final Bench bench;
  private final LoadDriver driver;
  private final UsageMeter meter;
  private final Random order;
  private final Stop warmUp;
  private final Stop measured;

  ReadContest(Bench bench) {
    this.bench = bench;
    this.driver = new LoadDriver(bench.settings().seed());
    this.meter = new UsageMeter(bench.database().sql());
    this.order = new Random(bench.settings().seed());
    this.warmUp = Stop.after(Duration.ofMillis(bench.settings().choose(500, 150)));
    this.measured = Stop.after(Duration.ofMillis(bench.settings().choose(1_500, 350)));
  }

  /** Measures and reports in a table of its own. */
  void run(Reading reading) {
    if (!bench.settings().wants(reading.operation())) {
      return;
    }
    reading.requireAgreement();
    bench.report().section("Read: " + reading.operation(), Layout.CONTENDERS_DOWN);
    for (int threads : THREADS) {
      bench.progress(reading.operation() + ", " + threads + " threads");
      for (int round = 1; round <= bench.settings().rounds(5, 2); round++) {
        report(reading, threads, round, measureInTurn(reading, threads));
      }
    }
  }

  private Map<Reader, Metered<LoadResult>> measureInTurn(Reading reading, int threads) {
    List<Reader> shuffled = new ArrayList<>(reading.readers());
    Collections.shuffle(shuffled, order);
    Map<Reader, Metered<LoadResult>> results = new LinkedHashMap<>();
    for (Reader reader : shuffled) {
      var worker = reader.worker(reading.things(), reading.before());
      driver.run(threads, warmUp, worker);
      results.put(reader, meter.during(() -> driver.run(threads, measured, worker)));
    }
    return results;
  }

  private void report(
      Reading reading, int threads, int round, Map<Reader, Metered<LoadResult>> results) {
    double byHand = throughput(reading, results);
    for (Reader reader : reading.readers()) {
      Metered<LoadResult> metered = Objects.requireNonNull(results.get(reader));
      LoadResult load = metered.result();
      Contender contender = new Contender(reader.name(), threads, 1);
      add(contender, reading.throughput(), round, load.throughput());
      add(contender, reading.ofJdbc(), round, load.throughput() / byHand);
      add(contender, reading.percentile(50), round, load.percentileMillis(50));
      add(contender, reading.percentile(99), round, load.percentileMillis(99));
      add(
          contender,
          reading.roundTrips(),
          round,
          (double) metered.usage().roundTrips() / load.operations());
    }
  }

  private static double throughput(Reading reading, Map<Reader, Metered<LoadResult>> results) {
    return reading.readers().stream()
        .filter(reader -> reader.name().equals(Reader.JDBC))
        .map(reader -> Objects.requireNonNull(results.get(reader)).result().throughput())
        .findFirst()
        .orElseThrow();
  }

  private void add(Contender contender, Metric metric, int round, double value) {
    bench.report().add(new Measurement(contender, metric, round, value));
  }
}
