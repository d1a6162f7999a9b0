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
  private static final Duration OPENING = Duration.ofSeconds(3);

  // Many short ones: see the suite of the cache.
  private static final Duration TURN = Duration.ofMillis(400);
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

  /** All are open all the time, so what they do in the background holds up all of them alike: how fast the calls are is compared. */
  private static void compare(Bench bench, SchemaName schema, Load load) {
    bench.report().section(load.title(), Layout.CONTENDERS_DOWN);
    try (Subject alone = Subject.open(bench, schema, load, Variant.ALONE);
        Subject off = Subject.open(bench, schema, load, Variant.OFF);
        Subject on = Subject.open(bench, schema, load, Variant.ON)) {
      List<Subject> subjects = new ArrayList<>(List.of(alone, off, on));
      subjects.forEach(subject -> subject.throughput(Stop.after(OPENING)));
      Random random = new Random(bench.settings().seed());
      for (int round = 1; round <= bench.settings().rounds(101, 21); round++) {
        bench.progress(load.title() + ": round " + round);
        Collections.shuffle(subjects, random);
        Map<Variant, Double> measured = new LinkedHashMap<>();
        subjects.forEach(
            subject -> measured.put(subject.variant, subject.throughput(Stop.after(TURN))));
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

  /** One variant under a load, on connections of its own. */
  static final class Subject implements AutoCloseable {

    private final Load load;
    private final Variant variant;
    private final HikariDataSource pool;
    private final Opened opened;
    private final LoadDriver driver;
    private final Worker worker;

    private Subject(Bench bench, Load load, Variant variant, HikariDataSource pool, Opened opened) {
      this.load = load;
      this.variant = variant;
      this.pool = pool;
      this.opened = opened;
      this.driver = new LoadDriver(bench.settings().seed());
      this.worker = load.work()
          .apply(IntStream.range(0, STATES)
              .mapToObj(number -> opened.states().state("state-" + number))
              .toList());
    }

    static Subject open(Bench bench, SchemaName schema, Load load, Variant variant) {
      HikariDataSource pool = bench.database().newPool(Math.max(4, load.threads()));
      return new Subject(bench, load, variant, pool, variant.open().apply(pool, schema));
    }

    double throughput(Stop stop) {
      return driver.run(load.threads(), stop, worker).throughput();
    }

    @Override
    public void close() {
      opened.close();
      pool.close();
    }
  }
}
