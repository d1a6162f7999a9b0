package dev.holdfast.benchmarks.writes;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.history.Messages;
import dev.holdfast.benchmarks.load.Stop;
import dev.holdfast.benchmarks.report.Check;
import dev.holdfast.benchmarks.report.Layout;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Conversations: each writer has one of its own, from the first step to the last, and each step appends a message and sets a phase. Confined
 * to one thread.
 */
final class ConversationLoads {

  private static final String STEP = "step";
  private static final int WRITERS = 16;
  private static final int STEPS = 200;
  private static final double LIMIT_OF_FLOOR = 0.9;
  private static final double LIMIT_WAL_BYTES = 1_200;

  private final Bench bench;
  private final Contest<StepStore> contest;
  private final Task<StepStore> task;

  ConversationLoads(Bench bench, Schema schema) {
    this.bench = bench;
    this.contest = new Contest<>(bench, schema, STEP, Way.forConversations());
    this.task =
        new ConversationTask(Stream.generate(new Messages(bench.settings().seed())::next)
            .limit(1_000)
            .toList());
  }

  void run() {
    if (!bench.settings().wants("conversation")) {
      return;
    }
    Stop whole = Stop.afterEach(STEPS);
    Stop part = Stop.afterEach(bench.settings().choose(STEPS / 2, STEPS / 5));
    List<Integer> pools = Pools.sizes(WRITERS, bench.settings());
    Load load = new Load(WRITERS, WRITERS, pools, part, part, whole);
    contest.tune("conversation", List.of(load), task);
    bench
        .report()
        .section(
            "Conversation of " + STEPS + " steps, each a message of " + Messages.BYTES
                + " bytes and a phase; the floor inserts the message",
            Layout.CONTENDERS_DOWN);
    contest.measure(load, task, bench.settings().rounds(9, 3));
    check(load);
  }

  private void check(Load load) {
    bench
        .report()
        .check(Check.atLeast(
            "conversation, " + WRITERS + " writers, steps / floor",
            "",
            LIMIT_OF_FLOOR,
            contest.median(load, Way.HOLDFAST, contest.metrics().ofFloor())));
    bench
        .report()
        .check(Check.atMost(
            "conversation, WAL per step",
            "B",
            LIMIT_WAL_BYTES,
            contest.median(load, Way.HOLDFAST, contest.metrics().wal())));
  }

  private record ConversationTask(List<JsonNode> messages) implements Task<StepStore> {

    @Override
    public Collection<String> states(int run) {
      return IntStream.range(0, WRITERS).mapToObj(thread -> name(run, thread)).toList();
    }

    private static String name(int run, int thread) {
      return "conversation-" + run + "-" + thread;
    }

    @Override
    public void write(StepStore store, int run, int thread, long number, Random random)
        throws SQLException {
      JsonNode message = messages.get(random.nextInt(messages.size()));
      store.step(name(run, thread), number + 1, message, "phase-" + number % 7);
    }
  }
}
