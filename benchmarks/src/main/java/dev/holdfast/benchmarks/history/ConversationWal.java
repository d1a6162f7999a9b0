package dev.holdfast.benchmarks.history;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.Timings;
import dev.holdfast.benchmarks.history.Conversation.Style;
import dev.holdfast.benchmarks.report.Check;
import dev.holdfast.benchmarks.report.Contender;
import dev.holdfast.benchmarks.report.Layout;
import dev.holdfast.benchmarks.report.Measurement;
import dev.holdfast.benchmarks.report.Metric;
import dev.holdfast.benchmarks.report.Summary;
import dev.holdfast.benchmarks.server.TableSizes;
import dev.holdfast.benchmarks.server.WalMeter;
import dev.holdfast.benchmarks.server.WalRange;
import dev.holdfast.benchmarks.server.WalRecords;
import dev.holdfast.store.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The write-ahead log of a conversation of {@value #STEPS} steps. Each round writes one conversation right after a checkpoint, when every page
 * is logged as a whole at its first change, and then another one, in pages that were logged already: the steady state. The tables hold
 * other states before, so that indexes are entered in their middle. Autovacuum is off for these tables. Confined to one thread.
 */
final class ConversationWal {

  private static final int STEPS = 200;
  private static final double LIMIT_MEGABYTES = 0.6;
  private static final int OTHER_STATES = 500;
  private static final int CHANGES_OF_OTHERS = 10;

  private static final Metric AFTER_CHECKPOINT = new Metric("WAL after a checkpoint", "MB");
  private static final Metric STEADY = new Metric("WAL steady", "MB");
  private static final Metric PER_STEP = new Metric("WAL per step, steady", "B");
  private static final Metric TABLE = new Metric("table growth", "KB");
  private static final Metric INDEX = new Metric("index growth", "KB");
  private static final Metric STEP = Metric.millis("median step");
  private static final Metric SLOWEST = Metric.millis("slowest step");

  private final Bench bench;
  private final Stores stores;
  private final int defaultDeltas;
  private final WalMeter meter;
  private final Optional<WalRecords> records;
  private final Messages messages = new Messages(42);
  private final List<Breakdown> breakdown = new ArrayList<>();

  ConversationWal(Bench bench, Stores stores, int defaultDeltas) {
    this.bench = bench;
    this.stores = stores;
    this.defaultDeltas = defaultDeltas;
    this.meter = new WalMeter(bench.database().sql());
    this.records = WalRecords.of(bench.database().sql());
  }

  void run() {
    prepare();
    bench
        .report()
        .section(
            "Conversation of " + STEPS + " steps, each a message of " + Messages.BYTES
                + " bytes and a phase; K deltas per snapshot, the default is " + defaultDeltas,
            Layout.CONTENDERS_DOWN);
    List<Case> cases = cases();
    bench.database().quietly(() -> measureAll(cases));
    cases.stream().filter(Case::isRequired).forEach(this::check);
    reportBreakdown();
  }

  private void measureAll(List<Case> cases) {
    int rounds = bench.settings().rounds(5, 2);
    for (int round = 1; round <= rounds; round++) {
      bench.progress("write-ahead log, round " + round + " of " + rounds);
      bench.report().add(bench.floor().measure(STEP, round));
      for (Case each : cases) {
        measure(each, round);
      }
    }
  }

  private void prepare() {
    new BulkHistory(bench.database().sql(), stores.schema())
        .write("others", "other", OTHER_STATES, CHANGES_OF_OTHERS, CHANGES_OF_OTHERS);
    for (String table : List.of("state", "change")) {
      bench
          .database()
          .sql()
          .execute("ALTER TABLE " + stores.schema().value() + "." + table
              + " SET (autovacuum_enabled = off)");
    }
  }

  private List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int deltas : stores.choices(bench.settings(), defaultDeltas)) {
      boolean isDefault = deltas == defaultDeltas;
      cases.add(new Case("one apply, K=" + deltas, deltas, Conversation::oneChangeSet, isDefault));
      cases.add(new Case("two calls, K=" + deltas, deltas, Conversation::twoCalls, isDefault));
    }
    cases.add(new Case("whole list each step", defaultDeltas, Conversation::rewriting, false));
    return cases;
  }

  private void measure(Case each, int round) {
    TableSizes before = sizes();
    meter.checkpoint();
    WalRange cold = meter.during(conversation(each, stores.newState(each.deltas)));
    TableSizes growth = sizes().minus(before);
    add(each, AFTER_CHECKPOINT, round, cold.bytes() / 1e6);

    State<JsonNode> state = stores.newState(each.deltas);
    state.set(Conversation.PHASE, Conversation.phase(0));
    TimedSteps steps = new TimedSteps(each.style.apply(state));
    WalRange steady = meter.during(steps);
    add(each, STEADY, round, steady.bytes() / 1e6);
    add(each, PER_STEP, round, (double) steady.bytes() / STEPS);
    add(each, TABLE, round, growth.tableBytes() / 1e3);
    add(each, INDEX, round, growth.indexBytes() / 1e3);
    add(each, STEP, round, Summary.of(steps.millis).median());
    add(each, SLOWEST, round, Arrays.stream(steps.millis).max().orElse(0));
    if (each.isBrokenDown()) {
      records.ifPresent(found -> breakDown(each, round, found, steady));
    }
  }

  private Runnable conversation(Case each, State<JsonNode> state) {
    return new TimedSteps(each.style.apply(state));
  }

  private TableSizes sizes() {
    return TableSizes.of(bench.database().sql(), stores.schema());
  }

  private void add(Case each, Metric metric, int round, double value) {
    bench.report().add(new Measurement(each.contender(), metric, round, value));
  }

  private void breakDown(Case each, int round, WalRecords found, WalRange range) {
    Map<String, Long> kinds = found.bytesByKind(range);
    long rest =
        range.bytes() - kinds.values().stream().mapToLong(Long::longValue).sum();
    kinds.put("page headers", rest);
    breakdown.add(new Breakdown(each.contender(), round, kinds));
  }

  private void check(Case each) {
    String name = "WAL of " + STEPS + " steps, " + each.name;
    for (Metric metric : List.of(AFTER_CHECKPOINT, STEADY)) {
      double measured = bench.report().summary(each.contender(), metric).median();
      bench
          .report()
          .check(Check.atMost(
              name + (metric.equals(STEADY) ? ", steady" : ", after a checkpoint"),
              "MB",
              LIMIT_MEGABYTES,
              measured));
    }
  }

  private void reportBreakdown() {
    bench.report().section("Records of the write-ahead log, steady", Layout.METRICS_DOWN);
    List<String> kinds = breakdown.stream()
        .flatMap(one -> one.kinds.keySet().stream())
        .distinct()
        .toList();
    breakdown.forEach(one -> kinds.forEach(kind -> bench.report().add(one.measurement(kind))));
    if (records.isEmpty()) {
      bench
          .report()
          .note("No breakdown of the write-ahead log: it needs PostgreSQL 16 and pg_walinspect.");
    }
  }

  /** One contender. */
  private record Case(String name, int deltas, Style style, boolean isRequired) {

    Contender contender() {
      return Contender.alone(name);
    }

    boolean isBrokenDown() {
      return isRequired || name.startsWith("whole");
    }
  }

  /** Bytes of each kind of record of one conversation. */
  private record Breakdown(Contender contender, int round, Map<String, Long> kinds) {

    Measurement measurement(String kind) {
      double bytes = (double) kinds.getOrDefault(kind, 0L) / STEPS;
      return new Measurement(contender, new Metric(kind, "B/step"), round, bytes);
    }
  }

  /** All steps of one conversation, each timed. */
  private final class TimedSteps implements Runnable {

    private final Conversation conversation;
    private final double[] millis = new double[STEPS];

    TimedSteps(Conversation conversation) {
      this.conversation = conversation;
    }

    @Override
    public void run() {
      for (int i = 0; i < STEPS; i++) {
        int number = i + 1;
        JsonNode message = messages.next();
        millis[i] = Timings.millis(() -> conversation.step(number, message));
      }
    }
  }
}
