package dev.holdfast.benchmarks.writes;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.load.Stop;
import dev.holdfast.benchmarks.report.Check;
import dev.holdfast.benchmarks.report.Layout;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Setting one of ten keys: by one writer, by many on one hot state, and by many on a thousand states. Confined to one thread. */
final class SetLoads {

  private static final int MANY = 1_000;
  private static final double LIMIT_MILLIS = 2;

  private final Bench bench;
  private final Contest<WriteStore> contest;

  SetLoads(Bench bench, Schema schema) {
    this.bench = bench;
    this.contest = new Contest<>(bench, schema, "set", Way.forKeys());
  }

  void run() {
    List<Target> targets = targets().stream()
        .filter(target -> bench.settings().wants(target.name()))
        .toList();
    if (targets.isEmpty()) {
      return;
    }
    for (int states : List.of(1, MANY)) {
      List<Load> shared = targets.stream()
          .map(Target::load)
          .filter(load -> load.states() == states && load.threads() > 1)
          .toList();
      if (!shared.isEmpty()) {
        contest.tune(title(states), shared, new SetTask(states));
      }
    }
    bench.report().section("Set one key", Layout.CONTENDERS_DOWN);
    for (Target target : targets) {
      contest.measure(
          target.load(), new SetTask(target.load().states()), bench.settings().rounds(7, 3));
    }
    targets.forEach(this::check);
  }

  private List<Target> targets() {
    return List.of(
        new Target(load(1, 1), 0.75),
        new Target(load(16, 1), 1.1),
        new Target(load(64, 1), 3),
        new Target(load(16, MANY), 0.9),
        new Target(load(64, MANY), 2.5));
  }

  private Load load(int threads, int states) {
    return new Load(
        threads,
        states,
        Pools.sizes(threads, bench.settings()),
        seconds(0.6, 0.2),
        seconds(0.8, 0.3),
        seconds(3, 1));
  }

  private Stop seconds(double full, double quick) {
    double seconds = bench.settings().isQuick() ? quick : full;
    return Stop.after(Duration.ofMillis((long) (seconds * 1000)));
  }

  private static String title(int states) {
    return "set, " + (states == 1 ? "hot state" : states + " states");
  }

  private void check(Target target) {
    Load load = target.load();
    bench
        .report()
        .check(Check.atLeast(
            target.name() + ", throughput / floor",
            "",
            target.ofFloor(),
            contest.median(load, Way.HOLDFAST, contest.metrics().ofFloor())));
    if (load.threads() == 1) {
      bench
          .report()
          .check(Check.atMost(
              target.name() + ", mean time",
              "ms",
              LIMIT_MILLIS,
              contest.median(load, Way.HOLDFAST, contest.metrics().mean())));
    }
  }

  /** A load, and the throughput that is required of Holdfast under it, as a multiple of the floor's. */
  private record Target(Load load, double ofFloor) {

    String name() {
      String spread = load.states() == 1 ? "hot state" : load.states() + " states";
      String threads = load.threads() == 1 ? "1 thread" : load.threads() + " threads";
      return "set, " + spread + ", " + threads;
    }
  }

  private record SetTask(int count) implements Task<WriteStore> {

    @Override
    public Collection<String> states(int run) {
      return IntStream.range(0, count).mapToObj(this::name).toList();
    }

    private String name(int number) {
      return "of-" + count + "-" + number;
    }

    @Override
    public void write(WriteStore store, int run, int thread, long number, Random random)
        throws SQLException {
      store.set(name(random.nextInt(count)), Values.key(random.nextInt(10)), Values.next(random));
    }
  }
}
