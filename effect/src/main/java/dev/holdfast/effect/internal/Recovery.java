package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectStatus;
import dev.holdfast.effect.internal.JournalReader.Abandoned;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.LogScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes over effect transactions whose process gives no sign of life, and rolls them back. Candidates are read and then claimed one by one
 * by a guarded UPDATE, so any number of processes can do it at once; what fails with one does not stop the rest. Safe for use by multiple
 * threads.
 */
public final class Recovery implements AutoCloseable {

  private static final int PAGE = 200;
  private static final int WORKERS = 4;
  private static final String WHY = "its process gave no sign of life";

  private final Engine engine;
  private final Log log;
  private final Runner runner;
  private final Counters counters;
  private final FailureDesk desk;
  private final Duration lease;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Threads.daemons("holdfast-recovery"));
  private final ExecutorService workers =
      Executors.newFixedThreadPool(WORKERS, Threads.daemons("holdfast-recoverer"));

  /** Those for which handlers are missing, so that this is said once. */
  private final Set<EffectId> unable = ConcurrentHashMap.newKeySet();

  private volatile boolean closed;

  Recovery(Engine engine, Runner runner, Counters counters, FailureDesk desk, Duration lease) {
    this.engine = engine;
    this.log = engine.logs().of(Recovery.class);
    this.runner = runner;
    this.counters = counters;
    this.desk = desk;
    this.lease = lease;
  }

  void start(Duration interval) {
    long pause = interval.toNanos();
    ScheduledFuture<?> unused =
        thread.scheduleWithFixedDelay(this::sweepQuietly, pause, pause, TimeUnit.NANOSECONDS);
  }

  private void sweepQuietly() {
    try {
      sweep();
    } catch (RuntimeException e) {
      if (!closed) {
        log.warn(
            "Abandoned effect transactions could not be looked for; the next attempt follows", e);
      }
    }
  }

  /**
   * Goes once through all that is abandoned, and retries the rollback failures that are due.
   *
   * @return how many were taken over and rolled back
   */
  public int sweep() {
    int recovered = 0;
    Abandoned last = null;
    List<Abandoned> page;
    do {
      page = engine.journals().abandoned(last, PAGE);
      recovered += recover(page);
      last = page.isEmpty() ? null : page.get(page.size() - 1);
    } while (page.size() == PAGE && !closed);
    engine.reporter().reportForgotten(lease);
    desk.retryDue();
    return recovered;
  }

  private int recover(List<Abandoned> page) {
    List<Callable<Boolean>> tasks = new ArrayList<>();
    page.forEach(abandoned -> tasks.add(() -> isRecovered(abandoned)));
    int recovered = 0;
    try {
      for (Future<Boolean> task : workers.invokeAll(tasks)) {
        recovered += task.get() ? 1 : 0;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("Recovering one catches everything", e);
    }
    return recovered;
  }

  private boolean isRecovered(Abandoned abandoned) {
    LogScope scope = engine.scope(abandoned.effect());
    try {
      return !closed && isAble(abandoned) && isRolledBack(abandoned);
    } catch (RuntimeException e) {
      log.warn(
          "Effect transaction {} could not be recovered; the next attempt follows",
          abandoned.effect(),
          e);
      return false;
    } finally {
      scope.close();
    }
  }

  /** Another process may have the handlers that this one has not. */
  private boolean isAble(Abandoned abandoned) {
    boolean able = engine.handlers().hasAll(abandoned.handlers());
    if (able) {
      unable.remove(abandoned.effect());
    } else if (unable.add(abandoned.effect())) {
      log.warn(
          "Effect transaction {} is abandoned, and this process lacks some of the handlers {}; it is left to another",
          abandoned.effect(),
          abandoned.handlers());
    }
    return able;
  }

  private boolean isRolledBack(Abandoned abandoned) {
    Optional<Journal> journal =
        runner.takeOver(abandoned.effect(), abandoned.epoch(), runner.newOwner());
    if (journal.isEmpty()) {
      return false;
    }
    log.warn("Effect transaction {} was abandoned and is rolled back", abandoned.effect());
    RuntimeException outcome = runner.finishRollback(journal.get(), error(journal.get()), null);
    log.debug("Effect transaction {} is recovered", abandoned.effect(), outcome);
    counters.recovered();
    return true;
  }

  /** What began to roll back has its reason already. */
  private static @Nullable String error(Journal journal) {
    return journal.status() == EffectStatus.RUNNING ? WHY : null;
  }

  @Override
  public void close() {
    closed = true;
    thread.shutdownNow();
    workers.shutdown();
  }
}
