package dev.holdfast.examples.airline;

import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;

/** Counts what a replay does. Safe for use by multiple threads. */
final class Tally implements ReplayListener {

  private final LongAdder seeds = new LongAdder();
  private final LongAdder shared = new LongAdder();
  private final LongAdder messages = new LongAdder();
  private final LongAdder runs = new LongAdder();
  private final Queue<Timing> timings = new ConcurrentLinkedQueue<>();

  @Override
  public void seeded(String state) {
    seeds.increment();
  }

  @Override
  public void shared(SharedWrite write) {
    shared.increment();
  }

  @Override
  public void appended(RecordedRun run, int position, long nanos) {
    messages.increment();
    timings.add(new Timing(run.name(), position, nanos));
  }

  @Override
  public void finished(RecordedRun run) {
    runs.increment();
  }

  long runs() {
    return runs.sum();
  }

  long messages() {
    return messages.sum();
  }

  long shared() {
    return shared.sum();
  }

  /** How many change sets were committed: one for each message, shared write and seed. */
  long changeSets() {
    return messages.sum() + shared.sum() + seeds.sum();
  }

  /** How long the steps took. */
  Report.Latency latency() {
    Timing[] sorted = timings.toArray(Timing[]::new);
    if (sorted.length == 0) {
      return new Report.Latency(0, 0, 0, "");
    }
    Arrays.sort(sorted, (a, b) -> Long.compare(a.nanos(), b.nanos()));
    Timing slowest = sorted[sorted.length - 1];
    return new Report.Latency(
        millis(sorted[sorted.length / 2]),
        millis(sorted[(int) (sorted.length * 0.99)]),
        millis(slowest),
        slowest.run() + ", message " + (slowest.position() + 1));
  }

  private static double millis(Timing timing) {
    return Math.round(timing.nanos() / 1e4) / 100.0;
  }

  /** What one step took. */
  private record Timing(String run, int position, long nanos) {}
}
