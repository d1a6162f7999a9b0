package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectStatus;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Sends writes to different journals that come at the same time in one message, which is one transaction and so one flush. Who finds nobody
 * at work sends at once and alone; who comes meanwhile queues up, and the first of the queue sends for all.
 *
 * <p>Every write keeps its own condition, the epoch and the revision, and has its own outcome. Those that did not happen are sent again by
 * their callers, each alone: because somebody holds the lock of the row, because another run was faster, or because the message failed as a
 * whole. What happened all the same, because only the reply was lost, is found out as after any lost reply.
 *
 * <p>A message of several does not wait for locks. One that is sent alone does; who has queued behind it for {@value #PATIENCE_MILLIS} ms
 * goes on without it.
 *
 * <p>A message has at most one write of an effect transaction, and its rows in the order of their ids, so that two processes which begin the
 * same ones do not wait for each other in a circle. Safe for use by multiple threads; waiting cannot be interrupted.
 */
final class JournalGroup {

  private static final int MAX_ENTRIES = 64;

  /** Of JSON in one message; a larger one is made only for a single write. */
  private static final long MAX_CHARS = 1_000_000;

  private static final long PATIENCE_MILLIS = 10;
  private static final long PATIENCE_NANOS = PATIENCE_MILLIS * 1_000_000;

  private final Sender sender;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Waiting> queue = new ArrayDeque<>();

  /** The first of the message that is under way and that the others wait for; null when there is none. */
  private @Nullable Waiting leader;

  JournalGroup(Sender sender) {
    this.sender = sender;
  }

  /**
   * Writes, perhaps together with others.
   *
   * @throws SQLException when it was sent alone and failed
   */
  Outcome write(JournalEntry entry) throws SQLException {
    Waiting own = new Waiting(entry, lock.newCondition());
    List<Waiting> message = await(own);
    return message.isEmpty() ? own.outcomeRequired() : lead(own, message);
  }

  /** The message that this thread has to send; empty when another one has sent its write. */
  private List<Waiting> await(Waiting own) {
    lock.lock();
    try {
      queue.add(own);
      if (leader == null) {
        leader = own;
      }
      awaitTurn(own);
      return own.equals(leader) ? message(own) : List.of();
    } finally {
      lock.unlock();
    }
  }

  /** Until this thread leads, or another one has sent its write. An interrupt is handed back at the end. */
  private void awaitTurn(Waiting own) {
    boolean interrupted = false;
    long nanos = PATIENCE_NANOS;
    while (!own.equals(leader) && own.outcome == null) {
      try {
        nanos = own.turn.awaitNanos(nanos);
      } catch (InterruptedException e) {
        interrupted = true;
      }
      if (nanos <= 0) {
        nanos = PATIENCE_NANOS;
        if (leader != null && leader.alone && own.equals(queue.peek())) {
          leader = own;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes from the front of the queue. What has company in the message already waits for the next one. */
  private List<Waiting> message(Waiting own) {
    List<Waiting> message = new ArrayList<>();
    Set<UUID> effects = new HashSet<>();
    long chars = 0;
    Iterator<Waiting> waiting = queue.iterator();
    while (waiting.hasNext() && message.size() < MAX_ENTRIES) {
      Waiting next = waiting.next();
      chars += next.entry.write().chars();
      if (!message.isEmpty() && chars > MAX_CHARS) {
        break;
      }
      if (effects.add(next.entry.effectId())) {
        message.add(next);
        waiting.remove();
      }
    }
    own.alone = message.size() == 1;
    return message;
  }

  private Outcome lead(Waiting own, List<Waiting> message) throws SQLException {
    try {
      if (message.size() == 1) {
        return new Outcome(sender.send(own.entry), false);
      }
      message.sort(Comparator.comparing(waiting -> waiting.entry.effectId()));
      Map<UUID, EffectStatus> written =
          sender.sendAll(message.stream().map(waiting -> waiting.entry).toList());
      message.forEach(
          waiting -> waiting.outcome = Outcome.of(written.get(waiting.entry.effectId())));
    } catch (SQLException e) {
      if (message.size() == 1) {
        throw e;
      }
      // It may be about one of them only, or about none: each finds out for itself.
    } finally {
      handOver(own, message);
    }
    return own.outcomeRequired();
  }

  private void handOver(Waiting own, List<Waiting> message) {
    lock.lock();
    try {
      for (Waiting waiting : message) {
        if (waiting.outcome == null) {
          waiting.outcome = Outcome.of(null);
        }
        waiting.turn.signal();
      }
      if (own.equals(leader)) {
        leader = queue.peek();
        if (leader != null) {
          leader.turn.signal();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * What came of a write.
   *
   * @param status the status that the effect transaction has; empty when nothing was written
   * @param undecided whether it has to be sent again, alone
   */
  record Outcome(Optional<EffectStatus> status, boolean undecided) {

    static Outcome of(@Nullable EffectStatus status) {
      return new Outcome(Optional.ofNullable(status), status == null);
    }
  }

  /** The statements. */
  interface Sender {

    /** A write alone; empty when nothing was written. */
    Optional<EffectStatus> send(JournalEntry entry) throws SQLException;

    /** Writes of different effect transactions; what is missing from the result was not written. */
    Map<UUID, EffectStatus> sendAll(List<JournalEntry> entries) throws SQLException;
  }

  /** A write whose thread waits. Its fields change under the lock, but for the outcome of a message, which its leader sets before that. */
  private static final class Waiting {

    private final JournalEntry entry;
    private final Condition turn;

    /** Whether its message has nothing else; it may wait for a lock then. */
    private boolean alone;

    private @Nullable Outcome outcome;

    Waiting(JournalEntry entry, Condition turn) {
      this.entry = entry;
      this.turn = turn;
    }

    Outcome outcomeRequired() {
      if (outcome == null) {
        throw new IllegalStateException("A write was answered without an outcome");
      }
      return outcome;
    }
  }
}
