package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectStatus;
import dev.holdfast.effect.definition.EffectDefinition;
import dev.holdfast.effect.definition.Recovery;
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
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes over effect transactions whose process gives no sign of life, and goes on with them or rolls them back, as their definition says.
 * Candidates are read and then claimed one by one by a guarded UPDATE, so any number of processes can do it at once; what fails with one
 * does not stop the rest.
 *
 * <p>A body can take long, so bodies that go on have threads of their own, and the next look at what is abandoned does not wait for them. How
 * often recovery goes on with the same one is counted by the claim, hence before the body runs: a body that ends its process is given up after
 * as many processes as its definition allows. Safe for use by multiple threads.
 */
public final class Recoverer implements AutoCloseable {

  private static final int PAGE = 200;
  private static final int WORKERS = 4;
  private static final int BODIES = 16;
  private static final String WHY = "its process gave no sign of life";

  private final Engine engine;
  private final Log log;
  private final Runner runner;
  private final Counters counters;
  private final FailureDesk desk;
  private final Definitions definitions;
  private final Semaphore bodies = new Semaphore(BODIES);
  private final Duration lease;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Threads.daemons("holdfast-recovery"));
  private final ExecutorService workers =
      Executors.newFixedThreadPool(WORKERS, Threads.daemons("holdfast-recoverer"));

  /** Those for which handlers are missing, so that this is said once. */
  private final Set<EffectId> unable = ConcurrentHashMap.newKeySet();

  private volatile boolean closed;

  Recoverer(
      Engine engine,
      Runner runner,
      Counters counters,
      FailureDesk desk,
      Definitions definitions,
      Duration lease) {
    this.engine = engine;
    this.log = engine.logs().of(Recoverer.class);
    this.runner = runner;
    this.counters = counters;
    this.desk = desk;
    this.definitions = definitions;
    this.lease = lease;
  }

  void start(Duration interval) {
    long pause = interval.toNanos();
    ScheduledFuture<?> unused =
        thread.scheduleWithFixedDelay(this::sweepQuietly, pause, pause, TimeUnit.NANOSECONDS);
  }

  private void sweepQuietly() {
    try {
      sweep(false);
    } catch (Throwable e) {
      // An exception that gets out would end all further looks, without a word.
      if (!closed) {
        log.warn(
            "Abandoned effect transactions could not be looked for; the next attempt follows", e);
      }
    }
  }

  /**
   * Goes once through all that is abandoned, waits for the bodies that go on, and retries the rollback failures that are due.
   *
   * @return how many were taken over
   */
  public int sweep() {
    return sweep(true);
  }

  private int sweep(boolean waits) {
    int recovered = 0;
    Abandoned last = null;
    List<Abandoned> page;
    do {
      page = engine.journals().abandoned(last, PAGE);
      recovered += recover(page, waits);
      last = page.isEmpty() ? null : page.get(page.size() - 1);
    } while (page.size() == PAGE && !closed);
    engine.reporter().reportForgotten(lease);
    desk.retryDue();
    return recovered;
  }

  private int recover(List<Abandoned> page, boolean waits) {
    List<Callable<Boolean>> backward = new ArrayList<>();
    List<Future<Boolean>> forward = new ArrayList<>();
    int recovered = 0;
    try {
      for (Abandoned abandoned : page) {
        if (!abandoned.isForward()) {
          backward.add(() -> isRecovered(abandoned));
        } else if (isAble(abandoned) && hasPlace(waits)) {
          forward.add(inPlace(abandoned));
        }
      }
      for (Future<Boolean> task : workers.invokeAll(backward)) {
        recovered += task.get() ? 1 : 0;
      }
      if (waits) {
        for (Future<Boolean> task : forward) {
          recovered += task.get() ? 1 : 0;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("Recovering one catches everything", e);
    }
    return recovered;
  }

  /** What finds no place is found again by the next look. */
  private boolean hasPlace(boolean waits) throws InterruptedException {
    if (waits) {
      bodies.acquire();
      return true;
    }
    return bodies.tryAcquire();
  }

  private Future<Boolean> inPlace(Abandoned abandoned) {
    boolean submitted = false;
    try {
      Future<Boolean> future = engine.workers().submit(() -> {
        try {
          return isRecovered(abandoned);
        } finally {
          bodies.release();
        }
      });
      submitted = true;
      return future;
    } finally {
      if (!submitted) {
        bodies.release();
      }
    }
  }

  private boolean isRecovered(Abandoned abandoned) {
    LogScope scope = engine.scope(abandoned.effect());
    try {
      return !closed
          && isAble(abandoned)
          && (isToGoOn(abandoned) ? isGoneOn(abandoned) : isRolledBack(abandoned));
    } catch (Throwable e) {
      log.warn(
          "Effect transaction {} could not be recovered; the next attempt follows",
          abandoned.effect(),
          e);
      return false;
    } finally {
      scope.close();
    }
  }

  /** Another process may have the definition or the handlers that this one has not. */
  private boolean isAble(Abandoned abandoned) {
    boolean defined =
        !abandoned.isForward() || definitions.find(abandoned.effect().name()).isPresent();
    boolean able = defined && engine.handlers().hasAll(abandoned.handlers());
    if (able) {
      unable.remove(abandoned.effect());
    } else if (unable.add(abandoned.effect())) {
      log.warn(
          "Effect transaction {} is abandoned, and this process lacks {}; it is left to another",
          abandoned.effect(),
          defined ? "some of the handlers " + abandoned.handlers() : "its definition");
    }
    return able;
  }

  private boolean isToGoOn(Abandoned abandoned) {
    return abandoned.isForward()
        && definitions
            .find(abandoned.effect().name())
            .filter(definition -> definition.recovery() == Recovery.FORWARD)
            .filter(definition -> abandoned.recoveries() < definition.maxRecoveries())
            .isPresent();
  }

  private boolean isGoneOn(Abandoned abandoned) {
    Optional<Journal> taken =
        runner.takeOver(abandoned.effect(), abandoned.epoch(), runner.newOwner(), 1);
    if (taken.isEmpty()) {
      return false;
    }
    Journal journal = taken.get();
    EffectDefinition<?, ?> definition =
        definitions.find(abandoned.effect().name()).orElseThrow();
    log.warn("Effect transaction {} was abandoned and goes on here", abandoned.effect());
    counters.resumed();
    Optional<RuntimeException> failure = journal.status() == EffectStatus.RUNNING
        ? runner.goOn(journal, definition)
        : Optional.of(runner.finishRollback(journal, null, null));
    failure.ifPresent(
        e -> log.warn("Effect transaction {} went on and failed", abandoned.effect(), e));
    return true;
  }

  private boolean isRolledBack(Abandoned abandoned) {
    Optional<Journal> journal =
        runner.takeOver(abandoned.effect(), abandoned.epoch(), runner.newOwner(), 0);
    if (journal.isEmpty()) {
      return false;
    }
    log.warn("Effect transaction {} was abandoned and is rolled back", abandoned.effect());
    RuntimeException outcome =
        runner.finishRollback(journal.get(), error(journal.get(), abandoned.recoveries()), null);
    log.debug("Effect transaction {} is recovered", abandoned.effect(), outcome);
    counters.recovered();
    return true;
  }

  /** What began to roll back has its reason already. */
  private static @Nullable String error(Journal journal, int recoveries) {
    if (journal.status() != EffectStatus.RUNNING) {
      return null;
    }
    return recoveries == 0
        ? WHY
        : WHY + ", and recovery has gone on with it " + recoveries + " times in vain";
  }

  @Override
  public void close() {
    closed = true;
    thread.shutdownNow();
    workers.shutdown();
  }
}
