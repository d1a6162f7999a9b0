package dev.holdfast.benchmarks.writes;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.load.Stop;
import dev.holdfast.benchmarks.report.Check;
import dev.holdfast.benchmarks.report.Layout;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Random;

/** Updating 10, 100 and 1,000 keys of one state together, by one writer. Confined to one thread. */
final class UpdateLoads {

  private static final double LIMIT_TIMES = 1.5;
  private static final int KEYS_WITH_LIMIT = 100;
  private static final double LIMIT_MILLIS = 10;

  private final Bench bench;
  private final Schema schema;

  UpdateLoads(Bench bench, Schema schema) {
    this.bench = bench;
    this.schema = schema;
  }

  void run() {
    for (int keys : List.of(10, 100, 1_000)) {
      if (bench.settings().wants(name(keys))) {
        run(keys);
      }
    }
  }

  private void run(int keys) {
    Contest<WriteStore> contest = new Contest<>(bench, schema, name(keys), Way.forKeys());
    int updates = bench.settings().choose(4, 1) * (keys == 1_000 ? 12 : 50);
    Stop warmUp = Stop.afterEach(updates / 4);
    Load load =
        new Load(1, 1, Pools.sizes(1, bench.settings()), warmUp, warmUp, Stop.afterEach(updates));
    bench
        .report()
        .section(
            "Update " + keys + " keys; the floor is one insert of the same rows",
            Layout.CONTENDERS_DOWN);
    contest.measure(load, new UpdateTask(keys), bench.settings().rounds(7, 3));
    check(contest, load, keys);
  }

  private static String name(int keys) {
    return "update of " + keys + " keys";
  }

  private void check(Contest<WriteStore> contest, Load load, int keys) {
    double ofFloor = contest.median(load, Way.HOLDFAST, contest.metrics().ofFloor());
    bench
        .report()
        .check(Check.atMost(
            name(keys) + ", time / one bare insert of the rows", "", LIMIT_TIMES, 1 / ofFloor));
    if (keys == KEYS_WITH_LIMIT) {
      bench
          .report()
          .check(Check.atMost(
              name(keys) + ", mean time",
              "ms",
              LIMIT_MILLIS,
              contest.median(load, Way.HOLDFAST, contest.metrics().mean())));
    }
  }

  private record UpdateTask(int keys) implements Task<WriteStore> {

    @Override
    public Collection<String> states(int run) {
      return List.of(name());
    }

    private String name() {
      return "with-" + keys + "-keys";
    }

    @Override
    public void write(WriteStore store, int run, int thread, long number, Random random)
        throws SQLException {
      store.update(name(), Values.next(keys, random));
    }
  }
}
