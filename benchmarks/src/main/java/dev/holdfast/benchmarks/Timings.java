package dev.holdfast.benchmarks;

import dev.holdfast.benchmarks.report.Contender;
import dev.holdfast.benchmarks.report.Measurement;
import dev.holdfast.benchmarks.report.Metric;
import dev.holdfast.benchmarks.report.Summary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Times calls in interleaved rounds: each round runs every case in a new random order, so that what disturbs the machine for a while
 * disturbs all of them. The value of a round is the median of its calls. Confined to one thread.
 */
public final class Timings {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Bench bench;
  private final Random order = new Random(1);
  private final List<Case> cases = new ArrayList<>();

  /** Timings that go to a report. */
  public Timings(Bench bench) {
    this.bench = bench;
  }

  /** Adds something to time. */
  public Timings add(Contender contender, Metric metric, Runnable call) {
    cases.add(new Case(contender, metric, call));
    return this;
  }

  /**
   * Times all cases and reports them, in milliseconds, in the order in which they were added.
   *
   * @param warmUp how long each case is called before the first round
   * @param calls of each case a round; fewer when they take longer than 5 seconds together
   */
  public void run(int rounds, Duration warmUp, int calls) {
    cases.forEach(timed -> timed.warmUp(warmUp));
    for (int round = 1; round <= rounds; round++) {
      List<Case> shuffled = new ArrayList<>(cases);
      Collections.shuffle(shuffled, order);
      shuffled.forEach(timed -> timed.measure(calls));
      report(round);
    }
  }

  private void report(int round) {
    cases.forEach(timed ->
        bench.report().add(new Measurement(timed.contender, timed.metric, round, timed.latest)));
  }

  /** Milliseconds that a call takes. */
  public static double millis(Runnable call) {
    long begin = System.nanoTime();
    call.run();
    return (System.nanoTime() - begin) / 1e6;
  }

  private static final class Case {

    private final Contender contender;
    private final Metric metric;
    private final Runnable call;
    private double latest;

    Case(Contender contender, Metric metric, Runnable call) {
      this.contender = contender;
      this.metric = metric;
      this.call = call;
    }

    void warmUp(Duration duration) {
      long begin = System.nanoTime();
      do {
        call.run();
      } while (System.nanoTime() - begin < duration.toNanos());
    }

    /** One call at least, and then no more than fit into the patience: a statement that got slow must not take hours to say so. */
    void measure(int calls) {
      long end = System.nanoTime() + PATIENCE.toNanos();
      List<Double> times = new ArrayList<>();
      do {
        times.add(millis(call));
      } while (times.size() < calls && System.nanoTime() < end);
      latest = Summary.of(times).median();
    }
  }
}
