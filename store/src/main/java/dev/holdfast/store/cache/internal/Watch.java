package dev.holdfast.store.cache.internal;

import dev.holdfast.logging.Log;
import dev.holdfast.store.cache.Announcements;
import dev.holdfast.store.cache.ReadCacheOptions;
import dev.holdfast.store.cache.internal.WatchLink.Answer;
import dev.holdfast.store.cache.internal.WatchLink.Position;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the database what has changed while somebody reads from the cache, on a thread and a connection of its own; see {@link ReadCache} for
 * what that is good for. An announcement makes it ask at once, and a lost one costs nothing but time. It also announces this process's own
 * writes, several together, never within their transactions: NOTIFY takes a lock on the whole database until its transaction has committed.
 * Nothing is connected while nobody reads. Safe for use by multiple threads.
 */
final class Watch implements AutoCloseable {

  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final Duration LISTEN = Duration.ofMillis(50);
  private static final Duration LEAST_GAP = Duration.ofMillis(10);

  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

  private final long pollNanos;
  private final Announcements announcements;
  private final WatchLink.Factory links;
  private final Log log;
  private final Supplier<Optional<Map<UUID, Long>>> few;
  private final LongConsumer onBegin;
  private final Consumer<Map<UUID, Long>> onChanged;
  private final LongConsumer onVouched;
  private final Thread thread = new Thread(this::run, "holdfast-watch");
  private final LongAdder polls = new LongAdder();
  private final LongAdder failures = new LongAdder();

  private volatile boolean started;
  private volatile boolean asleep;
  private volatile boolean closed;
  private volatile boolean connected;
  private volatile boolean unannounced;
  private volatile long lastRead = System.nanoTime() - 2 * IDLE.toNanos();
  private volatile long lastWrite = lastRead;

  /**
   * A watch at rest.
   *
   * @param few the states that matter with the versions known of them; empty when they are many
   * @param onBegin nothing is known of what happened before this moment
   * @param onChanged these states have these versions now
   * @param onVouched all that had happened before this moment was told
   */
  Watch(
      ReadCacheOptions options,
      WatchLink.Factory links,
      Log log,
      Supplier<Optional<Map<UUID, Long>>> few,
      LongConsumer onBegin,
      Consumer<Map<UUID, Long>> onChanged,
      LongConsumer onVouched) {
    this.pollNanos = options.pollInterval().toNanos();
    this.announcements = options.announcements();
    this.links = links;
    this.log = log;
    this.few = few;
    this.onBegin = onBegin;
    this.onChanged = onChanged;
    this.onVouched = onVouched;
    this.thread.setDaemon(true);
  }

  /** Somebody reads from the cache. */
  void readAt(long now) {
    lastRead = now;
    wake();
  }

  /** Somebody has written, and it is committed. */
  void wrote() {
    if (announcements == Announcements.ALWAYS) {
      lastWrite = System.nanoTime();
      unannounced = true;
      wake();
    } else if (announcements == Announcements.WHILE_CACHING && connected && !unannounced) {
      // Written once: many writers that write to the same place hold each other up.
      unannounced = true;
    }
  }

  private void wake() {
    if (!started) {
      start();
    } else if (asleep) {
      LockSupport.unpark(thread);
    }
  }

  private synchronized void start() {
    if (!started && !closed) {
      thread.start(); // There may be no memory for it now, and some later.
      started = true;
    }
  }

  long polls() {
    return polls.sum();
  }

  long failures() {
    return failures.sum();
  }

  private boolean isReading() {
    return System.nanoTime() - lastRead < IDLE.toNanos();
  }

  private boolean isWanted() {
    return !closed && (isReading() || System.nanoTime() - lastWrite < IDLE.toNanos());
  }

  private void run() {
    Duration pause = SHORTEST_PAUSE;
    while (!closed) {
      if (!isWanted()) {
        sleep();
      } else if (watched(pause)) {
        pause = SHORTEST_PAUSE;
      } else {
        LockSupport.parkNanos(this, pause.toNanos());
        Duration twice = pause.multipliedBy(2);
        pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
      }
    }
  }

  private void sleep() {
    asleep = true;
    // Whoever wants something says so first and looks for a sleeper then.
    if (!isWanted() && !closed) {
      LockSupport.park(this);
    }
    asleep = false;
  }

  /** Watches until nobody wants it any more; false when it failed. */
  private boolean watched(Duration pause) {
    try (WatchLink link = links.open()) {
      connected = true;
      watch(link);
      return true;
    } catch (SQLException | RuntimeException | Error e) {
      // An error too, say that memory has run out: without its thread there is no watch any more.
      if (!closed) {
        failures.increment();
        if (pause.equals(SHORTEST_PAUSE)) {
          log.warn(
              "The watch on changes was interrupted; cached reads ask the database meanwhile", e);
        } else {
          log.debug("The watch on changes could not go on", e);
        }
      }
      return false;
    } finally {
      connected = false;
    }
  }

  private void watch(WatchLink link) throws SQLException {
    Turn turn = new Turn(link);
    while (isWanted()) {
      turn.take();
    }
  }

  /** Ends the watch, and waits for its thread. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    LockSupport.unpark(thread);
    try {
      thread.join(CLOSE_PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The work on one connection. Confined to the thread. */
  private final class Turn {

    private final WatchLink link;

    /** History is asked for what came after this. */
    private @Nullable Position position;

    /** Where the last answer ended. */
    private @Nullable Position reached;

    private long lastPoll = System.nanoTime() - LONGEST_PAUSE.toNanos();
    private long lastAnnouncement = lastPoll;
    private final Pace polling = new Pace(LEAST_GAP, LONGEST_PAUSE);
    private final Pace announcing = new Pace(LISTEN, LONGEST_PAUSE);
    private boolean told = true;

    Turn(WatchLink link) {
      this.link = link;
    }

    void take() throws SQLException {
      announce();
      if (isReading() && System.nanoTime() - lastPoll >= gap()) {
        poll();
      }
      told |= link.await(pause(System.nanoTime() - lastPoll));
    }

    private Duration pause(long since) {
      if (!isReading()) {
        return LISTEN;
      }
      return Duration.ofNanos(Math.max(0, Math.min(gap() - since, LISTEN.toNanos())));
    }

    /** How long after the last poll the next one is due. */
    private long gap() {
      return told ? Math.min(pollNanos, polling.gap()) : pollNanos;
    }

    private void announce() throws SQLException {
      long now = System.nanoTime();
      if (unannounced && now - lastAnnouncement >= announcing.gap()) {
        // First: what is written from here on needs another announcement.
        unannounced = false;
        lastAnnouncement = now;
        link.announce();
        announcing.took(System.nanoTime() - now);
      }
    }

    private void poll() throws SQLException {
      told = false;
      // Before the question is sent: what commits after this moment may be missing in the answer.
      long at = System.nanoTime();
      // After that moment: a state that is not among these is loaded later.
      Optional<Map<UUID, Long>> known = few.get();
      Answer answer = known.isPresent() ? link.pollOf(known.get()) : link.poll(position);
      lastPoll = at;
      polling.took(System.nanoTime() - at);
      if (position == null || !answer.position().isOfSameServer(position)) {
        onBegin.accept(at);
        position = answer.position();
      } else {
        onChanged.accept(answer.newest());
        onVouched.accept(at);
        // What was loaded after the few were listed may have changed before this answer, which says
        // nothing of it. Should there be too many to list next time, history has to.
        position = known.isPresent() ? reached : answer.position();
      }
      reached = answer.position();
      // Last: who has seen the number goes by what was told.
      polls.increment();
    }
  }
}
