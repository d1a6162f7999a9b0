package dev.holdfast.benchmarks.features;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.Suite;
import dev.holdfast.benchmarks.features.Variant.Opened;
import dev.holdfast.benchmarks.load.LoadDriver;
import dev.holdfast.benchmarks.load.Stop;
import dev.holdfast.benchmarks.load.Worker;
import dev.holdfast.benchmarks.report.Check;
import dev.holdfast.benchmarks.report.Contender;
import dev.holdfast.benchmarks.report.Layout;
import dev.holdfast.benchmarks.report.Measurement;
import dev.holdfast.benchmarks.report.Metric;
import dev.holdfast.migrations.Migrations;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * How fast the same writes and reads are by the store alone, with every feature switched off by contract, and with features on, taking turns.
 * Stateless.
 */
public final class FeaturesSuite implements Suite {

  private static final int STATES = 100;
  private static final int KEYS = 10;
  private static final double LEAST = 0.95;
  private static final Duration OPENING = Duration.ofMillis(500);
  private static final Duration FIRST_OPENING = Duration.ofSeconds(3);
  private static final Metric THROUGHPUT = new Metric("throughput", "1/s");
  private static final Metric OF_ALONE = new Metric("ratio to the store alone", "");

  static final List<Variant> VARIANTS = List.of(Variant.ALONE, Variant.OFF, Variant.ON);

  static final List<Load> LOADS = List.of(
      new Load("Set one key", 1, FeaturesSuite::sets),
      new Load("Set one key", 16, FeaturesSuite::sets),
      new Load("Get one key", 1, FeaturesSuite::gets),
      new Load("Get one key", 16, FeaturesSuite::gets));

  /**
   * What is done.
   *
   * @param work of all threads, on these states
   */
  record Load(String name, int threads, Function<List<State<Integer>>, Worker> work) {

    String title() {
      return name + ", " + threads + (threads == 1 ? " thread" : " threads");
    }
  }

  @Override
  public String name() {
    return "features";
  }

  @Override
  public String description() {
    return "the same writes and reads with features off and on";
  }

  private static Worker sets(List<State<Integer>> states) {
    return (thread, number, random) ->
        states.get(random.nextInt(STATES)).set("key-" + random.nextInt(KEYS), random.nextInt());
  }

  private static Worker gets(List<State<Integer>> states) {
    return (thread, number, random) ->
        states.get(random.nextInt(STATES)).get("key-" + random.nextInt(KEYS));
  }

  @Override
  public void run(Bench bench) {
    SchemaName schema = bench.database().newSchema();
    Migrations.of(bench.database().dataSource(), schema).migrate();
    bench
        .database()
        .quietly(() -> LOADS.stream()
            .filter(load -> bench.settings().wants(load.title()))
            .forEach(load -> compare(bench, schema, load)));
  }

  private static void compare(Bench bench, SchemaName schema, Load load) {
    bench.report().section(load.title(), Layout.CONTENDERS_DOWN);
    Random random = new Random(bench.settings().seed());
    Duration time = Duration.ofMillis(bench.settings().choose(2_000, 1_000));
    for (int i = 0; i <= bench.settings().rounds(15, 7); i++) {
      int round = i;
      List<Variant> order = new ArrayList<>(VARIANTS);
      Collections.shuffle(order, random);
      Map<Variant, Double> measured = new LinkedHashMap<>();
      Stop opening = Stop.after(round == 0 ? FIRST_OPENING : OPENING);
      for (Variant variant : order) {
        bench.progress(load.title() + ": " + variant.name());
        measured.put(variant, throughput(bench, schema, load, variant, opening, Stop.after(time)));
      }
      if (round > 0) {
        report(bench, load, round, measured);
      }
    }
    bench
        .report()
        .check(Check.atLeast(
            load.title() + ": features off / the store alone",
            "",
            LEAST,
            bench.report().summary(contender(load, Variant.OFF), OF_ALONE).median()));
  }

  private static void report(Bench bench, Load load, int round, Map<Variant, Double> measured) {
    double alone = Objects.requireNonNull(measured.get(Variant.ALONE));
    measured.forEach((variant, throughput) -> {
      Contender contender = contender(load, variant);
      bench.report().add(new Measurement(contender, THROUGHPUT, round, throughput));
      bench.report().add(new Measurement(contender, OF_ALONE, round, throughput / alone));
    });
  }

  private static Contender contender(Load load, Variant variant) {
    return new Contender(variant.name(), load.threads(), STATES);
  }

  /**
   * How much is done.
   *
   * @param opening not measured: what is opened looks at its health first, in the background
   */
  static double throughput(
      Bench bench, SchemaName schema, Load load, Variant variant, Stop opening, Stop stop) {
    try (HikariDataSource pool = bench.database().newPool(Math.max(4, load.threads()));
        Opened opened = variant.open().apply(pool, schema)) {
      List<State<Integer>> states = IntStream.range(0, STATES)
          .mapToObj(number -> opened.states().state("state-" + number))
          .toList();
      LoadDriver driver = new LoadDriver(bench.settings().seed());
      Worker worker = load.work().apply(states);
      driver.run(load.threads(), opening, worker);
      return driver.run(load.threads(), stop, worker).throughput();
    }
  }
}
