package dev.holdfast.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs pieces of work in threads of their own that start at the same moment. */
final class Concurrently {

  private static final long PATIENCE_SECONDS = 60;

  private Concurrently() {}

  /** Returns when all are done; throws what one of them threw, or a timeout for what looks like a deadlock. */
  static void run(List<Callable<?>> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(work.size());
    try {
      CyclicBarrier start = new CyclicBarrier(work.size());
      List<Future<?>> running = new ArrayList<>();
      for (Callable<?> piece : work) {
        running.add(threads.submit(() -> {
          start.await();
          return piece.call();
        }));
      }
      for (Future<?> piece : running) {
        piece.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** The same work for several threads, each doing it several times. */
  static List<Callable<?>> repeat(int threads, int times, Runnable work) {
    List<Callable<?>> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      all.add(() -> {
        for (int j = 0; j < times; j++) {
          work.run();
        }
        return null;
      });
    }
    return all;
  }
}
