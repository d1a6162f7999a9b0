package dev.holdfast.effect.internal;

import dev.holdfast.effect.internal.FailureSql.Claim;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Renews the leases of all effect transactions that this process runs, in one statement, three times a lease, and makes durable what they
 * have deferred. Does the same for the retries of rollback failures that are under way.
 *
 * <p>The thread that renews touches no row that a write to a journal locks, and what was deferred is written by another thread, which leaves out
 * what somebody has locked: what is the matter with one run harms no other. Safe for use by multiple threads.
 */
final class Heartbeat implements AutoCloseable {

  private static final int BEATS_A_LEASE = 3;

  /** For how many beats after the last renewal it may be that a lease of this process ran out and says nothing any more. */
  private static final int BEATS_TO_FORGET = 2 * BEATS_A_LEASE;

  private final JournalStore store;
  private final FailureSql failures;
  private final Duration lease;
  private final long pause;
  private final Log log;
  private final Set<Journal> journals = ConcurrentHashMap.newKeySet();
  private final Set<Claim> retries = ConcurrentHashMap.newKeySet();
  private final AtomicInteger toForget = new AtomicInteger();

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Threads.daemons("holdfast-heartbeat"));
  private final ScheduledExecutorService writer =
      Executors.newSingleThreadScheduledExecutor(Threads.daemons("holdfast-journal"));

  Heartbeat(JournalStore store, FailureSql failures, Duration lease, Logs logs) {
    this.store = store;
    this.failures = failures;
    this.lease = lease;
    this.pause = pause(lease);
    this.log = logs.of(Heartbeat.class);
  }

  /** The nanoseconds from one beat to the next. */
  static long pause(Duration lease) {
    return lease.toNanos() / BEATS_A_LEASE;
  }

  void start() {
    repeat(thread, this::renew);
    repeat(thread, this::renewRetries);
    repeat(writer, this::flush);
    repeat(writer, this::forget);
  }

  private void repeat(ScheduledExecutorService executor, Runnable work) {
    ScheduledFuture<?> unused =
        executor.scheduleWithFixedDelay(work, pause, pause, TimeUnit.NANOSECONDS);
  }

  void add(Journal journal) {
    journals.add(journal);
  }

  void remove(Journal journal) {
    journals.remove(journal);
  }

  void add(Claim retry) {
    retries.add(retry);
  }

  void remove(Claim retry) {
    retries.remove(retry);
  }

  /**
   * A failure is logged and the next beat comes: writes to the journal find out by themselves when the lease is lost. It may be this very process
   * that has taken over, so that the effect transaction alone does not say who kept it.
   */
  private void renew() {
    try {
      Map<Journal, Fence> beating = fences(journals);
      if (!beating.isEmpty()) {
        Map<UUID, Long> kept = renew(List.copyOf(beating.values()));
        beating.forEach((journal, fence) -> {
          Long epoch = kept.get(fence.effectId());
          if (epoch == null || epoch != fence.epoch()) {
            journal.loseLease(log);
          }
        });
      }
    } catch (Throwable e) {
      // One that gets out would end all further beats, without a word.
      if (!thread.isShutdown()) {
        log.warn(
            "The leases of effect transactions could not be renewed; the next attempt follows", e);
      }
    }
  }

  /** However it ended and however long it took, there may be leases now. */
  private Map<UUID, Long> renew(List<Fence> fences) {
    try {
      return store.renew(fences, lease);
    } finally {
      toForget.set(BEATS_TO_FORGET);
    }
  }

  /** Those of these that have begun. */
  private static Map<Journal, Fence> fences(Collection<Journal> journals) {
    Map<Journal, Fence> fences = new HashMap<>();
    for (Journal journal : journals) {
      Fence fence = journal.currentFence();
      if (fence != null) {
        fences.put(journal, fence);
      }
    }
    return fences;
  }

  /** Whoever retries finds out by himself when the lease is lost. */
  private void renewRetries() {
    List<Claim> claims = List.copyOf(retries);
    if (claims.isEmpty()) {
      return;
    }
    try {
      store.read("renewing the leases of retries", connection -> {
        failures.renewAll(connection, claims, lease);
        return true;
      });
    } catch (Throwable e) {
      if (!thread.isShutdown()) {
        log.warn("The leases of retries could not be renewed; the next attempt follows", e);
      }
    }
  }

  /** Who waits for a row that somebody has locked keeps the others waiting, so it is left for the next beat. */
  private void flush() {
    try {
      Map<Journal, Fence> deferring =
          fences(journals.stream().filter(Journal::hasDeferred).toList());
      if (!deferring.isEmpty()) {
        Set<UUID> free = store.free(List.copyOf(deferring.values()));
        deferring.forEach((journal, fence) -> {
          if (free.contains(fence.effectId())) {
            flush(journal);
          }
        });
      }
    } catch (Throwable e) {
      if (!writer.isShutdown()) {
        log.warn("What journals deferred could not be written; the next attempt follows", e);
      }
    }
  }

  private void flush(Journal journal) {
    try {
      journal.flushDeferred();
    } catch (Throwable e) {
      log.warn("The journal of effect transaction {} could not be written", journal.effect(), e);
    }
  }

  private void forget() {
    try {
      if (toForget.get() > 0) {
        store.forgetLeases();
        toForget.decrementAndGet();
      }
    } catch (Throwable e) {
      // They are in nobody's way.
      log.debug("Leases of what has ended could not be removed; the next attempt follows", e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    writer.shutdownNow();
  }
}
