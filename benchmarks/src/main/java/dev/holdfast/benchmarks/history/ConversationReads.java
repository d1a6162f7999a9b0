package dev.holdfast.benchmarks.history;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.Timings;
import dev.holdfast.benchmarks.report.Check;
import dev.holdfast.benchmarks.report.Contender;
import dev.holdfast.benchmarks.report.Layout;
import dev.holdfast.benchmarks.report.Measurement;
import dev.holdfast.benchmarks.report.Metric;
import dev.holdfast.benchmarks.server.WalMeter;
import dev.holdfast.store.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The time to read a list of messages that was written by appending: with as many deltas as it happens to have at its length, and then, after
 * some more appends, with as many as it can have. Beside it the same list written as one value. Confined to one thread.
 */
final class ConversationReads {

  private static final List<Integer> LENGTHS = List.of(200, 2_000);

  /** How many deltas are above the whole value at every row, and at the newest one; parameters: state, key. */
  private static final String DELTAS = """
      SELECT max(n), coalesce((array_agg(n ORDER BY version DESC))[1], 0)
      FROM (
        SELECT c.version, (
            SELECT count(*)
            FROM {schema}.change AS l
            WHERE l.state_id = c.state_id AND l.key = c.key AND l.version > c.base_version AND l.version <= c.version) AS n
        FROM {schema}.change AS c
        WHERE c.state_id = ? AND c.key = ?
      ) AS row""";

  private static final Metric WAL = new Metric("WAL of writing", "MB");
  private static final Metric SLOWEST = Metric.millis("slowest append");
  private static final Metric NOW = new Metric("deltas now", "");
  private static final Metric MOST = new Metric("deltas at most", "");
  private static final Metric GET = Metric.millis("get now");
  private static final Metric GET_WORST = Metric.millis("get at most deltas");

  private final Bench bench;
  private final Stores stores;
  private final int defaultDeltas;
  private final Messages messages = new Messages(43);

  ConversationReads(Bench bench, Stores stores, int defaultDeltas) {
    this.bench = bench;
    this.stores = stores;
    this.defaultDeltas = defaultDeltas;
  }

  void run() {
    bench
        .report()
        .section(
            "Cold read of a list of messages, each of " + Messages.BYTES + " bytes",
            Layout.CONTENDERS_DOWN);
    List<Written> lists = writeAll();
    time(lists, GET);
    lists.forEach(this::appendUntilWorst);
    time(lists, GET_WORST);
    lists.stream().filter(list -> list.deltas > 0).forEach(this::check);
  }

  private List<Written> writeAll() {
    List<Written> lists = new ArrayList<>();
    for (int length : LENGTHS) {
      for (int deltas : stores.choices(bench.settings(), defaultDeltas)) {
        bench.progress("list of " + length + " messages, K=" + deltas);
        Contender contender = Contender.alone(length + " messages, K=" + deltas);
        lists.add(write(new Written(contender, stores.newState(deltas), deltas), length));
      }
      lists.add(writeAsOneValue(length));
    }
    return lists;
  }

  private Written write(Written list, int length) {
    double[] slowest = {0};
    long bytes = new WalMeter(bench.database().sql())
        .during(() -> {
          for (int i = 0; i < length; i++) {
            slowest[0] = Math.max(slowest[0], Timings.millis(() -> append(list)));
          }
        })
        .bytes();
    add(list, WAL, bytes / 1e6);
    add(list, SLOWEST, slowest[0]);
    add(list, NOW, deltas(list).now);
    return list;
  }

  private void append(Written list) {
    list.state.append(Conversation.MESSAGES, messages.next());
  }

  private Written writeAsOneValue(int length) {
    State<JsonNode> state = stores.newState(defaultDeltas);
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < length; i++) {
      list.add(messages.next());
    }
    Written written = new Written(Contender.alone(length + " messages, one value"), state, 0);
    long bytes = new WalMeter(bench.database().sql())
        .during(() -> state.set(Conversation.MESSAGES, list))
        .bytes();
    add(written, WAL, bytes / 1e6);
    return written;
  }

  private void appendUntilWorst(Written list) {
    int missing = list.deltas == 0 ? 0 : list.deltas - deltas(list).now;
    IntStream.range(0, missing).forEach(i -> append(list));
  }

  private Deltas deltas(Written list) {
    List<String> row = bench
        .database()
        .sql()
        .rows(stores.schema().in(DELTAS), stores.uuid(list.state), Conversation.MESSAGES)
        .get(0);
    return new Deltas(Integer.parseInt(row.get(0)), Integer.parseInt(row.get(1)));
  }

  private void time(List<Written> lists, Metric metric) {
    bench.progress(metric.name());
    Timings timings = new Timings(bench);
    lists.forEach(
        list -> timings.add(list.contender, metric, () -> list.state.get(Conversation.MESSAGES)));
    timings.run(bench.settings().rounds(9, 5), Duration.ofMillis(500), 15);
  }

  private void check(Written list) {
    int most = deltas(list).most;
    add(list, MOST, most);
    bench
        .report()
        .check(Check.atMost(
            "Deltas folded by a get, " + list.contender.name(), "", list.deltas, most));
  }

  private void add(Written list, Metric metric, double value) {
    bench.report().add(new Measurement(list.contender, metric, 1, value));
  }

  /** A list that was written. */
  private record Written(Contender contender, State<JsonNode> state, int deltas) {}

  private record Deltas(int most, int now) {}
}
