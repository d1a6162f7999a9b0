package dev.holdfast.benchmarks.writes;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.report.Contender;
import dev.holdfast.benchmarks.report.Layout;
import dev.holdfast.benchmarks.report.Measurement;
import dev.holdfast.benchmarks.report.Metric;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/**
 * Several ways to do the same writes, against each other. First each tries some pool sizes and keeps the best. Then they take turns, in a
 * new random order each round, and every value of a round is compared with the floor of that round. Confined to one thread.
 */
public final class Contest<S extends Store> {

  private final Bench bench;
  private final Schema schema;
  private final List<Way<S>> ways;
  private final Metrics metrics;
  private final Random order;
  private final Map<Contender, Integer> best = new LinkedHashMap<>();

  /**
   * A contest.
   *
   * @param operation what one write is called in the tables
   * @param ways the floor first
   */
  public Contest(Bench bench, Schema schema, String operation, List<Way<S>> ways) {
    this.bench = bench;
    this.schema = schema;
    this.ways = ways;
    this.metrics = new Metrics(operation);
    this.order = new Random(bench.settings().seed());
  }

  /**
   * Finds the pool sizes for these loads, in a table of their own. They are tried in turns, because a floor with the wrong size, chosen in a
   * slow moment, would make everybody else look good.
   */
  public void tune(String title, List<Load> loads, Task<S> task) {
    bench
        .report()
        .section(
            "Pool sizes: " + title + ", " + metrics.operation() + "s a second",
            Layout.CONTENDERS_DOWN);
    for (Load load : loads) {
      int rounds = bench.settings().choose(3, 2);
      for (int round = 1; round <= rounds; round++) {
        bench.progress("pool sizes of " + metrics.operation() + ", " + load.threads() + " threads, "
            + load.states() + " states, round " + round + " of " + rounds);
        trials(load, task, round);
      }
      ways.forEach(way -> best.put(load.contender(way), bestPool(load, way)));
    }
  }

  private void trials(Load load, Task<S> task, int round) {
    for (Way<S> way : ways) {
      for (int connections : load.pools()) {
        try (Entrant<S> entrant = new Entrant<>(bench, schema, way, load, task, connections)) {
          entrant.warmUp();
          double throughput = entrant.trial().throughput();
          add(load.contender(way), metrics.trial(connections), round, throughput);
        }
      }
    }
  }

  private int bestPool(Load load, Way<S> way) {
    return Collections.max(
        load.pools(),
        Comparator.comparingDouble(connections -> bench
            .report()
            .summary(load.contender(way), metrics.trial(connections))
            .median()));
  }

  /** Measures under one load, into the current table. */
  public void measure(Load load, Task<S> task, int rounds) {
    List<Entrant<S>> entrants = new ArrayList<>();
    try {
      for (Way<S> way : ways) {
        entrants.add(new Entrant<>(bench, schema, way, load, task, pool(load, way)));
      }
      Duration warmUp = Duration.ofSeconds(bench.settings().choose(5, 2));
      entrants.forEach(entrant -> entrant.warmUp(warmUp));
      for (int round = 1; round <= rounds; round++) {
        bench.progress(metrics.operation() + ", " + load.threads() + " threads, " + load.states()
            + " states, round " + round + " of " + rounds);
        report(load, round, measureInTurn(entrants));
      }
    } finally {
      entrants.forEach(Entrant::close);
    }
  }

  private Map<Way<S>, Entrant.Result> measureInTurn(List<Entrant<S>> entrants) {
    List<Entrant<S>> shuffled = new ArrayList<>(entrants);
    Collections.shuffle(shuffled, order);
    Map<Way<S>, Entrant.Result> results = new LinkedHashMap<>();
    shuffled.forEach(entrant -> results.put(entrant.way(), entrant.measure()));
    return results;
  }

  private void report(Load load, int round, Map<Way<S>, Entrant.Result> results) {
    double floor = Objects.requireNonNull(results.get(ways.get(0))).load().throughput();
    for (Way<S> way : ways) {
      Entrant.Result result = Objects.requireNonNull(results.get(way));
      Contender contender = load.contender(way);
      double throughput = result.load().throughput();
      add(contender, metrics.throughput(), round, throughput);
      add(contender, metrics.ofFloor(), round, throughput / floor);
      add(contender, metrics.mean(), round, result.load().meanMillis());
      add(contender, metrics.percentile(50), round, result.load().percentileMillis(50));
      add(contender, metrics.percentile(99), round, result.load().percentileMillis(99));
      add(contender, metrics.roundTrips(), round, result.roundTrips());
      add(contender, metrics.commits(), round, result.commits());
      add(contender, metrics.wal(), round, result.walBytes());
      add(contender, metrics.images(), round, result.imageBytes());
      add(contender, metrics.pool(), round, pool(load, way));
    }
  }

  private void add(Contender contender, Metric metric, int round, double value) {
    bench.report().add(new Measurement(contender, metric, round, value));
  }

  private int pool(Load load, Way<S> way) {
    return best.getOrDefault(load.contender(way), load.pools().get(0));
  }

  /** The median over the rounds of the current table. */
  public double median(Load load, String way, Metric metric) {
    Contender contender = new Contender(way, load.threads(), load.states());
    return bench.report().summary(contender, metric).median();
  }

  /** What is measured about each write. */
  public Metrics metrics() {
    return metrics;
  }
}
