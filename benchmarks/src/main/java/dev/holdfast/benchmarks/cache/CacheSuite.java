package dev.holdfast.benchmarks.cache;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.Suite;
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
import dev.holdfast.store.StateStore;
import dev.holdfast.store.cache.ReadCacheOptions;
import dev.holdfast.store.cache.ReadMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/**
 * How fast writers are while the watches of two stores ask what has changed, listen and announce, beside writers without any of it. Stateless.
 */
public final class CacheSuite implements Suite {

  private static final int THREADS = 16;
  private static final int STATES = 100;
  private static final double LEAST = 0.95;
  private static final Duration OPENING = Duration.ofMillis(200);

  // Many short ones that take turns: a shared machine is faster and slower by a tenth from one
  // second to the next, which is more than what is looked for.
  private static final Duration ROUND = Duration.ofMillis(500);
  private static final Metric THROUGHPUT = new Metric("throughput", "1/s");
  private static final Metric OF_OFF = new Metric("ratio to without", "");

  @Override
  public String name() {
    return "cache";
  }

  @Override
  public String description() {
    return "writes while others read from caches";
  }

  @Override
  public void run(Bench bench) {
    SchemaName schema = bench.database().newSchema();
    Migrations.of(bench.database().dataSource(), schema).migrate();
    bench.report().section("Set one key while caches are watched", Layout.CONTENDERS_DOWN);
    bench.database().quietly(() -> compare(bench, schema));
  }

  private static void compare(Bench bench, SchemaName schema) {
    try (HikariDataSource pool = bench.database().newPool(THREADS)) {
      Contender off = new Contender("without a cache", THREADS, STATES);
      Contender on = new Contender("with two watches and announcements", THREADS, STATES);
      Random random = new Random(bench.settings().seed());
      for (int i = 0; i <= bench.settings().rounds(151, 31); i++) {
        int round = i;
        List<Contender> order = new ArrayList<>(List.of(off, on));
        Collections.shuffle(order, random);
        Map<Contender, Double> measured = new LinkedHashMap<>();
        for (Contender contender : order) {
          measured.put(
              contender, throughput(bench, pool, schema, contender.equals(on), round == 0));
        }
        if (round > 0) {
          double without = Objects.requireNonNull(measured.get(off));
          measured.forEach((contender, throughput) ->
              bench.report().add(new Measurement(contender, THROUGHPUT, round, throughput)));
          double ratio = Objects.requireNonNull(measured.get(on)) / without;
          bench.report().add(new Measurement(on, OF_OFF, round, ratio));
        }
      }
      bench
          .report()
          .check(Check.atLeast(
              "throughput of writers with watches / without",
              "",
              LEAST,
              bench.report().summary(on, OF_OFF).median()));
    }
  }

  private static double throughput(
      Bench bench, DataSource pool, SchemaName schema, boolean isWatched, boolean isFirst) {
    bench.progress(isWatched ? "with watches" : "without");
    try (StateStore writing = store(pool, bench, schema);
        StateStore reading = store(pool, bench, schema)) {
      List<State<Integer>> states = states(writing);
      Worker worker = (thread, number, random) ->
          states.get(random.nextInt(STATES)).set("key-" + random.nextInt(10), random.nextInt());
      try (Reader reader = new Reader(List.of(states(writing), states(reading)))) {
        if (isWatched) {
          reader.start();
        }
        LoadDriver driver = new LoadDriver(bench.settings().seed());
        // The stores are new each time, and at first all the code is.
        Duration opening = isFirst ? Duration.ofSeconds(bench.settings().choose(15, 5)) : OPENING;
        driver.run(THREADS, Stop.after(opening), worker);
        return driver.run(THREADS, Stop.after(ROUND), worker).throughput();
      }
    }
  }

  private static StateStore store(DataSource pool, Bench bench, SchemaName schema) {
    return StateStore.builder(pool)
        .schema(schema)
        .readCache(ReadCacheOptions.defaults())
        .watchDataSource(bench.database().dataSource())
        .build();
  }

  private static List<State<Integer>> states(StateStore store) {
    return IntStream.range(0, STATES)
        .mapToObj(number -> store.state("benchmark", "cached-" + number, Integer.class))
        .toList();
  }

  /**
   * Has all states in each cache, and reads one of them now and then, so that the watches are on for all of them; what reading costs is not
   * the question.
   */
  private static final class Reader implements AutoCloseable {

    private static final Duration PAUSE = Duration.ofMillis(100);

    private final List<List<State<Integer>>> caches;
    private final Thread thread = new Thread(this::read, "reader");
    private volatile boolean over;

    Reader(List<List<State<Integer>>> caches) {
      this.caches = caches.stream().map(Reader::cached).toList();
    }

    private static List<State<Integer>> cached(List<State<Integer>> states) {
      return states.stream().map(state -> state.reading(ReadMode.CACHED)).toList();
    }

    void start() {
      caches.forEach(states -> states.forEach(State::version));
      thread.start();
    }

    private void read() {
      while (!over) {
        caches.forEach(states -> states.get(0).get("key-0"));
        try {
          Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    @Override
    public void close() {
      over = true;
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
