package dev.holdfast.effect.internal;

import dev.holdfast.effect.internal.FailureSql.Claim;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Renews the leases of all effect transactions that this process runs, in one statement, three times a lease, and makes durable what they
 * have deferred. Does the same for the retries of rollback failures that are under way.
 *
 * <p>The thread that renews waits for nobody, so that what is the matter with one run harms no other: a row that is locked is left out and tried
 * again until the next beat, and what was deferred is written by another thread. Safe for use by multiple threads.
 */
final class Heartbeat implements AutoCloseable {

  private static final int BEATS_A_LEASE = 3;

  /** How often what was locked is tried again before the next beat; a run that writes all the time has its row locked for much of it. */
  private static final int TRIES_A_BEAT = 10;

  private final JournalStore store;
  private final FailureSql failures;
  private final Duration lease;
  private final long pause;
  private final Log log;
  private final Set<Journal> journals = ConcurrentHashMap.newKeySet();

  private final Set<Claim> retries = ConcurrentHashMap.newKeySet();

  /** Those whose rows somebody had locked when they were last to be renewed. */
  private volatile Set<Journal> locked = Set.of();

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Threads.daemons("holdfast-heartbeat"));
  private final ScheduledExecutorService writer =
      Executors.newSingleThreadScheduledExecutor(Threads.daemons("holdfast-journal"));

  Heartbeat(JournalStore store, FailureSql failures, Duration lease, Logs logs) {
    this.store = store;
    this.failures = failures;
    this.lease = lease;
    this.pause = lease.toNanos() / BEATS_A_LEASE;
    this.log = logs.of(Heartbeat.class);
  }

  void start() {
    repeat(thread, () -> renew(journals, TRIES_A_BEAT));
    repeat(thread, this::renewRetries);
    repeat(writer, () -> journals.forEach(this::flush));
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

  /** A failure is logged and the next beat comes: writes to the journal find out by themselves when the lease is lost. */
  private void renew(Collection<Journal> some, int tries) {
    try {
      List<Journal> left = lockedOnes(some);
      locked = Set.copyOf(left);
      if (!left.isEmpty() && tries > 1) {
        ScheduledFuture<?> unused = thread.schedule(
            () -> renew(left, tries - 1), pause / TRIES_A_BEAT, TimeUnit.NANOSECONDS);
      }
    } catch (Throwable e) {
      // One that gets out would end all further beats, without a word.
      if (!thread.isShutdown()) {
        log.warn(
            "The leases of effect transactions could not be renewed; the next attempt follows", e);
      }
    }
  }

  /** Renews; those whose rows are locked are left. */
  private List<Journal> lockedOnes(Collection<Journal> some) {
    List<Journal> beating = new ArrayList<>();
    List<Fence> fences = new ArrayList<>();
    for (Journal journal : some) {
      Fence fence = journal.currentFence();
      if (fence != null && journals.contains(journal)) {
        beating.add(journal);
        fences.add(fence);
      }
    }
    if (fences.isEmpty()) {
      return List.of();
    }
    Map<UUID, Boolean> kept = store.renew(fences, lease);
    List<Journal> left = new ArrayList<>();
    for (Journal journal : beating) {
      Boolean renewed = kept.get(journal.effect().uuid());
      if (renewed == null) {
        journal.loseLease(log);
      } else if (!renewed) {
        left.add(journal);
      }
    }
    return left;
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

  /** Who waits for a row that somebody has locked keeps the others waiting. */
  private void flush(Journal journal) {
    if (locked.contains(journal)) {
      return;
    }
    try {
      journal.flushDeferred();
    } catch (Throwable e) {
      log.warn("The journal of effect transaction {} could not be written", journal.effect(), e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    writer.shutdownNow();
  }
}
