package dev.holdfast.benchmarks.effects;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.Suite;
import dev.holdfast.benchmarks.load.Stop;
import dev.holdfast.benchmarks.report.Check;
import dev.holdfast.benchmarks.report.Layout;
import dev.holdfast.benchmarks.report.Metric;
import dev.holdfast.benchmarks.writes.Contest;
import dev.holdfast.benchmarks.writes.Load;
import dev.holdfast.benchmarks.writes.Schema;
import dev.holdfast.benchmarks.writes.Task;
import dev.holdfast.benchmarks.writes.Way;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Random;

/** How many workflows of three operations with durable outcomes a second, and what each asks of the server. Stateless. */
public final class EffectsSuite implements Suite {

  static final String DBOS = "DBOS Transact";

  /** What the background does, such as signs of life, is counted with the workflows. */
  private static final double BACKGROUND = 0.05;

  @Override
  public String name() {
    return "effects";
  }

  @Override
  public String description() {
    return "workflows of three operations with durable outcomes, beside a workflow engine and a journal by hand";
  }

  @Override
  public void run(Bench bench) {
    Schema schema = Schema.create(bench.database());
    List<Way<WorkflowStore>> ways = ways(bench, schema);
    bench.database().quietly(() -> run(bench, new Contest<>(bench, schema, "workflow", ways)));
  }

  /** All contenders, the floor first. */
  static List<Way<WorkflowStore>> ways(Bench bench, Schema schema) {
    OutcomeJournal.create(bench.database(), schema);
    return List.of(
        new Way<>(Way.FLOOR, BareInsert::new),
        new Way<>("journal by hand", OutcomeJournal::new),
        new Way<>(DBOS, DbosWorkflows.create(bench.database())::open),
        new Way<>(Way.HOLDFAST, HoldfastEffects::new));
  }

  private static void run(Bench bench, Contest<WorkflowStore> contest) {
    List<Target> targets = List.of(
            new Target(load(bench, 1, List.of(4, 10)), 2.5),
            new Target(load(bench, 16, List.of(6, 10, 18, 34)), 3.5))
        .stream()
        .filter(target -> bench.settings().wants(target.name()))
        .toList();
    if (targets.isEmpty()) {
      return;
    }
    contest.tune("workflows", targets.stream().map(Target::load).toList(), new NewWorkflow());
    bench.report().section("Three operations and a result", Layout.CONTENDERS_DOWN);
    for (Target target : targets) {
      contest.measure(target.load(), new NewWorkflow(), bench.settings().rounds(9, 5));
    }
    targets.forEach(target -> check(bench, contest, target));
  }

  private static Load load(Bench bench, int threads, List<Integer> pools) {
    return new Load(
        threads,
        0,
        pools,
        seconds(bench, 600, 300),
        seconds(bench, 1_000, 500),
        seconds(bench, 3_000, 1_500));
  }

  private static Stop seconds(Bench bench, int full, int quick) {
    return Stop.after(Duration.ofMillis(bench.settings().choose(full, quick)));
  }

  private static void check(Bench bench, Contest<WorkflowStore> contest, Target target) {
    Load load = target.load();
    bench
        .report()
        .check(Check.atLeast(
            target.name() + ", throughput / " + DBOS,
            "",
            target.ofDbos(),
            median(contest, load, Way.HOLDFAST, contest.metrics().throughput())
                / median(contest, load, DBOS, contest.metrics().throughput())));
    bench
        .report()
        .check(Check.atMost(
            target.name() + ", flushes a workflow",
            "",
            4 + BACKGROUND,
            median(contest, load, Way.HOLDFAST, contest.metrics().commits())));
    bench
        .report()
        .check(Check.atMost(
            target.name() + ", round trips a workflow",
            "",
            5 + BACKGROUND,
            median(contest, load, Way.HOLDFAST, contest.metrics().roundTrips())));
  }

  private static double median(
      Contest<WorkflowStore> contest, Load load, String way, Metric metric) {
    return contest.median(load, way, metric);
  }

  /** A load, and the throughput that is required of Holdfast under it, as a multiple of that of DBOS. */
  private record Target(Load load, double ofDbos) {

    String name() {
      return "workflow, " + (load.threads() == 1 ? "1 thread" : load.threads() + " threads");
    }
  }

  /** Each call is a workflow of its own. */
  static final class NewWorkflow implements Task<WorkflowStore> {

    @Override
    public Collection<String> states(int run) {
      return List.of();
    }

    @Override
    public void write(WorkflowStore store, int run, int thread, long number, Random random)
        throws Exception {
      String result = store.run(run + "-" + thread + "-" + number);
      if (!WorkflowStore.RESULT.equals(result)) {
        throw new IllegalStateException("A workflow returned " + result);
      }
    }
  }
}
