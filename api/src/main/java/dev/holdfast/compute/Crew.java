package dev.holdfast.compute;

import dev.holdfast.cache.internal.Fork;
import dev.holdfast.error.TransientException;
import dev.holdfast.logging.Logs;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * Threads that work on the parts of one batch. The caller is one of them and never waits for a thread that has not begun, so that a batch
 * within a batch ends although all threads are busy. Used once.
 */
final class Crew<R> {

  private final int parts;
  private final IntFunction<R> work;
  private final Logs logs;
  private final Thread caller = Thread.currentThread();
  private final AtomicInteger next = new AtomicInteger();
  private final Map<Integer, R> results = new ConcurrentHashMap<>();
  private final Map<Integer, Throwable> failures = new ConcurrentHashMap<>();
  private final Set<Thread> members = ConcurrentHashMap.newKeySet();
  private final CountDownLatch left;
  private volatile boolean stopped;

  /**
   * A batch of the calling thread.
   *
   * @param logs gives helpers the MDC of the caller
   */
  Crew(int parts, IntFunction<R> work, Logs logs) {
    this.parts = parts;
    this.work = work;
    this.logs = logs;
    this.left = new CountDownLatch(parts);
  }

  /** The results in order. After a failure no further part begins; the failure of the first part is thrown, with the others suppressed. */
  List<R> run(ThreadPoolExecutor helpers, int helperCount) {
    Fork fork = Fork.begin();
    Runnable help = logs.carried(() -> takeParts(fork));
    try {
      begin(help, helpers, Math.min(helperCount, parts - 1));
      takeParts(fork);
      await();
    } finally {
      fork.end();
      withdraw(help, helpers);
    }
    if (!failures.isEmpty()) {
      this.<RuntimeException>throwFailure();
    }
    return new TreeMap<>(results).values().stream().toList();
  }

  private static void begin(Runnable help, ThreadPoolExecutor helpers, int count) {
    try {
      for (int i = 0; i < count; i++) {
        helpers.execute(help);
      }
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      // They were closed meanwhile, and what is under way ends; or there is no thread to be had,
      // and those that have begun must not be left behind: the caller takes what is left.
    }
  }

  /** Helpers that are busy elsewhere, perhaps for ever, need not come: they would keep inputs and results until then. */
  private static void withdraw(Runnable help, ThreadPoolExecutor helpers) {
    boolean found = true;
    while (found) {
      found = helpers.remove(help);
    }
  }

  /** How many threads did something. */
  int threads() {
    return Math.max(1, members.size());
  }

  private void takeParts(Fork fork) {
    for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
      try {
        if (!stopped) {
          members.add(Thread.currentThread());
          int taken = part;
          results.put(part, fork.part(() -> work.apply(taken)));
        }
      } catch (Throwable e) {
        // It would end its thread alone, and the part would be missing from the results. Codecs of
        // languages that declare no exceptions throw any.
        stopped = true;
        failures.put(part, e);
      } finally {
        clearMark();
        left.countDown();
      }
    }
  }

  /** A mark of an interrupt that work leaves behind is the caller's business; a helper would hand it to the next part. */
  private void clearMark() {
    if (!Thread.currentThread().equals(caller)) {
      Thread.interrupted();
    }
  }

  private void await() {
    try {
      left.await();
    } catch (InterruptedException e) {
      stopped = true;
      Thread.currentThread().interrupt();
      throw new TransientException("Interrupted while waiting for a batch", Map.of(), e);
    }
  }

  @SuppressWarnings({"ReferenceEquality", "unchecked", "TypeParameterUnusedInFormals"
  }) // An exception cannot suppress itself, and the first is thrown as it is.
  private <E extends Throwable> void throwFailure() throws E {
    List<Throwable> all = List.copyOf(new TreeMap<>(failures).values());
    Throwable first = all.get(0);
    all.stream().skip(1).filter(other -> other != first).forEach(first::addSuppressed);
    throw (E) first;
  }
}
