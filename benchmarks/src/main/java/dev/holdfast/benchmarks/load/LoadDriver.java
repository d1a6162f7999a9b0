package dev.holdfast.benchmarks.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/**
 * Puts load on something: threads that start together, each of which calls one operation after the other without a pause (a closed loop).
 * Every operation that is begun is completed and counted, so that what a meter counts around a run belongs to exactly these operations.
 * Latencies are those of a closed loop: a slow operation delays the next one of its thread, which is not counted as waiting.
 *
 * <p>Safe for use by multiple threads; each run has threads of its own.
 */
public final class LoadDriver {

  private static final int SIGNIFICANT_DIGITS = 3;

  private final long seed;
  private final LongSupplier nanoClock;

  /** A driver whose threads draw random numbers from this seed, the same ones in every run. */
  public LoadDriver(long seed) {
    this(seed, System::nanoTime);
  }

  LoadDriver(long seed, LongSupplier nanoClock) {
    this.seed = seed;
    this.nanoClock = nanoClock;
  }

  /**
   * Runs a load and waits for its end.
   *
   * @param threads how many, at least 1
   * @throws IllegalStateException when an operation throws; the other threads end after the operation that they are in
   */
  public LoadResult run(int threads, Stop stop, Worker worker) {
    Run run = new Run(stop, worker, new CountDownLatch(threads));
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Loop>> loops = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int number = thread;
        loops.add(pool.submit(() -> run.loop(number)));
      }
      return result(loops);
    } finally {
      pool.shutdownNow();
    }
  }

  private final class Run {

    private final Stop stop;
    private final Worker worker;
    private final CountDownLatch ready;
    private volatile boolean hasFailed;

    Run(Stop stop, Worker worker, CountDownLatch ready) {
      this.stop = stop;
      this.worker = worker;
      this.ready = ready;
    }

    Loop loop(int thread) throws Exception {
      Histogram latencies = new Histogram(SIGNIFICANT_DIGITS);
      Random random = new Random(seed * 1_000_003 + thread);
      ready.countDown();
      ready.await();
      long start = nanoClock.getAsLong();
      try {
        return new Loop(start, loop(thread, random, start, latencies), latencies);
      } catch (Throwable failure) {
        hasFailed = true;
        throw failure;
      }
    }

    private long loop(int thread, Random random, long start, Histogram latencies) throws Exception {
      long end = start;
      for (long number = 0; !hasFailed && !stop.isReached(end - start, number); number++) {
        worker.prepare(thread, number, random);
        long begin = nanoClock.getAsLong();
        worker.operate(thread, number, random);
        end = nanoClock.getAsLong();
        latencies.recordValue(Math.max(end - begin, 0));
      }
      return end;
    }
  }

  private static LoadResult result(List<Future<Loop>> futures) {
    List<Loop> loops = futures.stream().map(LoadDriver::await).toList();
    Histogram all = new Histogram(SIGNIFICANT_DIGITS);
    loops.forEach(loop -> all.add(loop.latencies));
    long start = loops.stream().mapToLong(Loop::start).min().orElseThrow();
    long end = loops.stream().mapToLong(Loop::end).max().orElseThrow();
    return new LoadResult(all.getTotalCount(), (end - start) / 1e9, all);
  }

  private static Loop await(Future<Loop> loop) {
    try {
      return loop.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("An operation failed under load: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for the load to end", e);
    }
  }

  /** What one thread did, with its own clock readings. */
  private record Loop(long start, long end, Histogram latencies) {}
}
