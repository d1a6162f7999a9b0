package dev.holdfast.benchmarks.history;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.Timings;
import dev.holdfast.benchmarks.report.Check;
import dev.holdfast.benchmarks.report.Contender;
import dev.holdfast.benchmarks.report.Layout;
import dev.holdfast.benchmarks.report.Metric;
import dev.holdfast.store.State;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.history.History;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.LongSupplier;
import tools.jackson.databind.JsonNode;

/**
 * Reads of the past of a state with {@value #KEYS} keys, as its history grows a hundredfold. Versions are random, the same for both sizes in
 * proportion. Confined to one thread.
 */
final class LongHistory {

  private static final long KEYS = 1_000;
  private static final long SHORT = 10_000;
  private static final long LONG = 1_000_000;
  private static final double LIMIT_RATIO = 3;
  private static final int PAGE = 100;
  private static final String KEY = "key-000500";

  private static final Metric AT_END = Metric.millis("at(v) near the end");
  private static final Metric AT_MIDDLE = Metric.millis("at(v) in the middle");
  private static final Metric SNAPSHOT = Metric.millis("snapshot()");
  private static final Metric UNCHANGED = Metric.millis("snapshot() unchanged");
  private static final Metric AS_OF = Metric.millis("asOf(t)");
  private static final Metric FIRST = Metric.millis("history, first " + PAGE);
  private static final Metric DEEP = Metric.millis("history, " + PAGE + " in the middle");
  private static final Metric OF_KEY = Metric.millis("history of a key, first " + PAGE);
  private static final Metric DIFF = Metric.millis("diff of 100 versions");
  private static final Metric GET = Metric.millis("get");

  private final Bench bench;
  private final Stores stores;
  private final BulkHistory bulk;

  LongHistory(Bench bench, Stores stores) {
    this.bench = bench;
    this.stores = stores;
    this.bulk = new BulkHistory(bench.database().sql(), stores.schema());
  }

  void run() {
    bench.report().section("Reads of a state with " + KEYS + " keys", Layout.METRICS_DOWN);
    Contender small = write(SHORT);
    Contender large = write(LONG);
    try (StateStore cold = store().withoutSnapshotCache().build();
        StateStore warm = store().build()) {
      Timings timings = new Timings(bench);
      addReads(timings, cold, SHORT);
      addReads(timings, cold, LONG);
      addUnchanged(timings, warm, SHORT);
      addUnchanged(timings, warm, LONG);
      bench.progress("reads of the past");
      timings.run(bench.settings().rounds(15, 5), Duration.ofMillis(500), 10);
    }
    List.of(AT_END, AT_MIDDLE).forEach(metric -> check(small, large, metric));
  }

  private Contender write(long changes) {
    bench.progress("writing " + changes + " changes");
    bulk.write("long", "changes-" + changes, 1, KEYS, changes);
    return contender(changes);
  }

  private static Contender contender(long changes) {
    return Contender.alone(String.format("%,d changes", changes));
  }

  private StateStore.Builder store() {
    return StateStore.builder(bench.database().dataSource()).schema(stores.schema());
  }

  private static State<JsonNode> state(StateStore store, long changes) {
    return store.state("long", "changes-" + changes + "-1");
  }

  private void addReads(Timings timings, StateStore store, long changes) {
    State<JsonNode> state = state(store, changes);
    UUID uuid = stores.uuid(state);
    Contender contender = contender(changes);
    LongSupplier end = versions(changes, 0.9, 1.0);
    LongSupplier middle = versions(changes, 0.4, 0.6);
    LongSupplier anywhere = versions(changes, 0.2, 1.0);
    Instant begin = bulk.timeOf(uuid, 0);
    var deepChange =
        state.history(History.all().versions(1, changes / 2).limit(1)).changes().get(0);
    timings
        .add(contender, AT_END, () -> state.at(end.getAsLong()))
        .add(contender, AT_MIDDLE, () -> state.at(middle.getAsLong()))
        .add(contender, SNAPSHOT, state::snapshot)
        .add(contender, AS_OF, () -> state.asOf(begin.plusMillis(anywhere.getAsLong())))
        .add(contender, DIFF, () -> {
          long to = anywhere.getAsLong();
          state.diff(to - 100, to);
        })
        .add(contender, GET, () -> state.get(KEY))
        .add(contender, FIRST, () -> state.history(History.all().limit(PAGE)))
        .add(contender, DEEP, () -> state.history(History.all().limit(PAGE).after(deepChange)))
        .add(contender, OF_KEY, () -> state.history(History.of(KEY).limit(PAGE)));
  }

  private static void addUnchanged(Timings timings, StateStore store, long changes) {
    timings.add(contender(changes), UNCHANGED, state(store, changes)::snapshot);
  }

  /** Random versions between two shares of history, the same in every run. */
  private static LongSupplier versions(long changes, double from, double to) {
    Random random = new Random(7);
    return () -> (long) (changes * (from + (to - from) * random.nextDouble()));
  }

  private void check(Contender small, Contender large, Metric metric) {
    double ratio = bench.report().summary(large, metric).median()
        / bench.report().summary(small, metric).median();
    bench
        .report()
        .check(Check.atMost(
            metric.name() + ", " + large.name() + " / " + small.name(),
            "times",
            LIMIT_RATIO,
            ratio));
  }
}
