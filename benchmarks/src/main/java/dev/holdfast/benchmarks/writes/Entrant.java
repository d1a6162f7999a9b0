package dev.holdfast.benchmarks.writes;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.load.LoadDriver;
import dev.holdfast.benchmarks.load.LoadResult;
import dev.holdfast.benchmarks.load.Stop;
import dev.holdfast.benchmarks.load.Worker;
import dev.holdfast.benchmarks.server.Usage;
import dev.holdfast.benchmarks.server.UsageMeter;
import dev.holdfast.benchmarks.server.UsageMeter.Metered;
import dev.holdfast.error.internal.SqlFailure;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * One way to write, on a pool of its own, under one load. Every run is followed by a look into the database: a write that was counted and is
 * not there, or there twice, ends the benchmark. Confined to one thread.
 */
final class Entrant<S extends Store> implements AutoCloseable {

  private final Bench bench;
  private final Way<S> way;
  private final Load load;
  private final Task<S> task;
  private final int connections;
  private final HikariDataSource pool;
  private final S store;
  private final LoadDriver driver;
  private final UsageMeter meter;
  private final Supplier<Integer> runs;

  Entrant(Bench bench, Schema schema, Way<S> way, Load load, Task<S> task, int connections) {
    this.bench = bench;
    this.way = way;
    this.load = load;
    this.task = task;
    this.connections = connections;
    this.driver = new LoadDriver(bench.settings().seed());
    this.meter = new UsageMeter(bench.database().sql());
    this.runs = schema::nextRun;
    this.pool = bench.database().newPool(connections);
    this.store = way.open().apply(pool, schema);
  }

  Way<S> way() {
    return way;
  }

  int connections() {
    return connections;
  }

  /** Writes before anything is measured. */
  void warmUp() {
    run(load.warmUp());
  }

  /** Writes until the Java virtual machine has compiled what this way of writing calls; one with more code of its own needs longer. */
  void warmUp(Duration atLeast) {
    long start = System.nanoTime();
    do {
      warmUp();
    } while (System.nanoTime() - start < atLeast.toNanos());
  }

  /** Writes without more than the time taken, to compare pool sizes. */
  LoadResult trial() {
    return run(load.trial()).load();
  }

  /** Writes out what earlier runs left, warms up, writes. */
  Result measure() {
    meter.checkpoint();
    warmUp();
    return run(load.measured());
  }

  private Result run(Stop stop) {
    int run = runs.get();
    prepare(run);
    long before = written();
    Worker worker = (thread, number, random) -> task.write(store, run, thread, number, random);
    Metered<LoadResult> metered = meter.during(() -> driver.run(load.threads(), stop, worker));
    requireWritten(metered.result().operations(), written() - before);
    return new Result(metered.result(), metered.usage());
  }

  private void prepare(int run) {
    try {
      store.prepare(task.states(run));
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "preparing " + way.name());
    }
  }

  private long written() {
    return bench.database().sql().number(store.written());
  }

  private void requireWritten(long counted, long found) {
    if (counted != found) {
      throw new IllegalStateException(load.contender(way).toText() + " returned from " + counted
          + " writes, and the database has " + found);
    }
  }

  @Override
  public void close() {
    store.close();
    pool.close();
  }

  /** What a run did and what it cost. */
  record Result(LoadResult load, Usage usage) {

    double roundTrips() {
      return (double) usage.roundTrips() / load.operations();
    }

    double commits() {
      return (double) usage.commits() / load.operations();
    }

    double imageBytes() {
      return (double) usage.imageBytes() / load.operations();
    }

    double walBytes() {
      return (double) usage.walBytes() / load.operations();
    }
  }
}
