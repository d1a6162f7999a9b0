package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectStatus;
import dev.holdfast.effect.definition.EffectDefinition;
import dev.holdfast.effect.definition.Recovery;
import dev.holdfast.effect.internal.JournalReader.Abandoned;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.LogScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
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
 * <p>A body can take long, and so can a compensation, so each has a thread of its own, and the next look at what is abandoned does not wait
 * for them. Bodies that go on, rollbacks, and retries of rollback failures have a number of places each. How often recovery goes on with the
 * same one is counted by the claim, hence before the body runs: a body that ends its process is given up after as many processes as its
 * definition allows. Safe for use by multiple threads.
 */
public final class Recoverer implements AutoCloseable {

  private static final int PAGE = 200;
  private static final int BODIES = 16;
  private static final int ROLLBACKS = 16;
  private static final int RETRIES = 4;
  private static final String WHY = "its process gave no sign of life";

  private final Engine engine;
  private final Log log;
  private final Runner runner;
  private final Counters counters;
  private final FailureDesk desk;
  private final Definitions definitions;
  private final Semaphore bodies = new Semaphore(BODIES);
  private final Semaphore rollbacks = new Semaphore(ROLLBACKS, true);
  private final Semaphore retries = new Semaphore(RETRIES, true);
  private final Duration lease;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Threads.daemons("holdfast-recovery"));
  private final ExecutorService workers;

  /** Those of which rollback failures are being retried, each in the order in which they are due. */
  private final Set<EffectId> retrying = ConcurrentHashMap.newKeySet();

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
    this.workers = Threads.workers("holdfast-recoverer", engine.logs());
  }

  void start(Duration interval) {
    long pause = interval.toNanos();
    ScheduledFuture<?> unused =
        thread.scheduleWithFixedDelay(this::lookQuietly, pause, pause, TimeUnit.NANOSECONDS);
  }

  private void lookQuietly() {
    try {
      begin(false);
      engine.reporter().reportForgotten(lease);
      beginRetries(false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
   * @throws HoldfastException with {@link ErrorCode#CLOSED} once it is closed, also in the middle
   */
  public int sweep() {
    int recovered = 0;
    if (closed) {
      throw Active.closed(null);
    }
    try {
      recovered = ended(begin(true));
      engine.reporter().reportForgotten(lease);
      int unused = ended(beginRetries(true));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RejectedExecutionException e) {
      throw Active.closed(e);
    }
    return recovered;
  }

  private static int ended(List<Future<Boolean>> begun) throws InterruptedException {
    int done = 0;
    try {
      for (Future<Boolean> task : begun) {
        done += task.get() ? 1 : 0;
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("What is done in a place catches everything", e);
    }
    return done;
  }

  /**
   * Begins with all that is abandoned. A rollback waits for a place, for which it is enough that one of those under way ends.
   *
   * @param waits whether bodies wait for a place, too
   * @return what was begun; it goes on in other threads
   */
  private List<Future<Boolean>> begin(boolean waits) throws InterruptedException {
    List<Future<Boolean>> begun = new ArrayList<>();
    Set<EffectId> found = new HashSet<>();
    Abandoned last = null;
    List<Abandoned> page;
    do {
      page = engine.journals().abandoned(last, PAGE);
      for (Abandoned abandoned : page) {
        found.add(abandoned.effect());
        if (!abandoned.isForward()) {
          rollbacks.acquire();
          begun.add(inPlace(workers, rollbacks, () -> isRecovered(abandoned)));
        } else if (isAble(abandoned) && hasPlace(bodies, waits)) {
          begun.add(inPlace(engine.workers(), bodies, () -> isRecovered(abandoned)));
        }
      }
      last = page.isEmpty() ? null : page.get(page.size() - 1);
    } while (page.size() == PAGE && !closed);
    unable.retainAll(found); // The others were recovered by other processes.
    return begun;
  }

  private List<Future<Boolean>> beginRetries(boolean waits) throws InterruptedException {
    List<Future<Boolean>> begun = new ArrayList<>();
    for (Map.Entry<EffectId, List<StoredFailure>> due : desk.due().entrySet()) {
      if (!retrying.contains(due.getKey()) && hasPlace(retries, waits)) {
        begun.add(inPlace(workers, retries, () -> isRetried(due.getKey(), due.getValue())));
      }
    }
    return begun;
  }

  /** One after the other, as they are due. */
  private boolean isRetried(EffectId effect, List<StoredFailure> failures) {
    if (!retrying.add(effect)) {
      return false;
    }
    try {
      for (StoredFailure failure : failures) {
        if (!closed) {
          desk.retryDue(failure);
        }
      }
      return true;
    } catch (Throwable e) {
      log.warn("The rollback failures of effect transaction {} could not be retried", effect, e);
      return false;
    } finally {
      retrying.remove(effect);
    }
  }

  /** What finds no place is found again by the next look. */
  private static boolean hasPlace(Semaphore places, boolean waits) throws InterruptedException {
    if (waits) {
      places.acquire();
      return true;
    }
    return places.tryAcquire();
  }

  private static Future<Boolean> inPlace(
      ExecutorService executor, Semaphore places, Callable<Boolean> work) {
    boolean submitted = false;
    try {
      Future<Boolean> future = executor.submit(() -> {
        try {
          return work.call();
        } finally {
          places.release();
        }
      });
      submitted = true;
      return future;
    } finally {
      if (!submitted) {
        places.release();
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

  /** Nothing more is begun. What is under way goes on, see {@link #isIdleWithin}. */
  @Override
  public void close() {
    closed = true;
    thread.shutdownNow();
    workers.shutdown();
  }

  /** Whether the rollbacks and retries under way end within some time, for which it waits; bodies are waited for by others. */
  boolean isIdleWithin(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    return isIdleBy(end, rollbacks, ROLLBACKS) && isIdleBy(end, retries, RETRIES);
  }

  /** An interrupted thread does not wait; the interrupt is for whoever looks next. */
  private static boolean isIdleBy(long end, Semaphore places, int all) {
    try {
      boolean idle = places.tryAcquire(all, end - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (idle) {
        places.release(all);
      }
      return idle;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
