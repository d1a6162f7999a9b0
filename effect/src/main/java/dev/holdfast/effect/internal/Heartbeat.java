package dev.holdfast.effect.internal;

import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Renews the leases of all effect transactions that this process runs, in one statement, three times a lease, and makes durable what they
 * have deferred. Safe for use by multiple threads.
 */
final class Heartbeat implements AutoCloseable {

  private static final int BEATS_A_LEASE = 3;

  private final JournalStore store;
  private final Duration lease;
  private final Log log;
  private final Set<Journal> journals = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService thread;

  Heartbeat(JournalStore store, Duration lease, Logs logs) {
    this.store = store;
    this.lease = lease;
    this.log = logs.of(Heartbeat.class);
    this.thread = Executors.newSingleThreadScheduledExecutor(Threads.daemons("holdfast-heartbeat"));
  }

  void start() {
    long pause = lease.toNanos() / BEATS_A_LEASE;
    ScheduledFuture<?> unused =
        thread.scheduleWithFixedDelay(this::beat, pause, pause, TimeUnit.NANOSECONDS);
  }

  void add(Journal journal) {
    journals.add(journal);
  }

  void remove(Journal journal) {
    journals.remove(journal);
  }

  /** A failure is logged and the next beat comes: writes to the journal find out by themselves when the lease is lost. */
  private void beat() {
    try {
      renew();
      journals.forEach(this::flush);
    } catch (Throwable e) {
      // One that gets out would end all further beats, without a word.
      log.warn(
          "The leases of effect transactions could not be renewed; the next attempt follows", e);
    }
  }

  private void renew() {
    List<Journal> beating = new ArrayList<>();
    List<Fence> fences = new ArrayList<>();
    for (Journal journal : journals) {
      Fence fence = journal.currentFence();
      if (fence != null) {
        beating.add(journal);
        fences.add(fence);
      }
    }
    if (fences.isEmpty()) {
      return;
    }
    Set<UUID> renewed = store.renew(fences, lease);
    for (Journal journal : beating) {
      if (!renewed.contains(journal.effect().uuid())) {
        journal.loseLease(log);
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

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
