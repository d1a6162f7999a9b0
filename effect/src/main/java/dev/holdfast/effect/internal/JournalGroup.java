package dev.holdfast.effect.internal;

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
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests about different journals that come at the same time in one message: writes, which are then one transaction and so one flush,
 * or looks. Who finds nobody at work sends at once and alone; who comes meanwhile queues up, and the first of the queue sends for all.
 *
 * <p>Every write keeps its own condition, the epoch and the revision, and every request has its own answer. Those that have none are sent again
 * by their callers, each alone: because somebody holds the lock of the row, because another run was faster, or because the message failed as a
 * whole. Only the last may have happened all the same, because only the reply was lost, which is found out as after any lost reply.
 *
 * <p>A message of several does not wait for locks. One that is sent alone does; who has queued behind it for {@value #PATIENCE_MILLIS} ms
 * goes on without it.
 *
 * <p>A message has at most one request about an effect transaction, and they are in the order of their ids, so that two processes which begin
 * the same ones do not wait for each other in a circle. Safe for use by multiple threads; waiting cannot be interrupted.
 *
 * @param <E> a request
 * @param <A> its answer
 */
final class JournalGroup<E extends JournalGroup.Request, A> {

  private static final int MAX_ENTRIES = 64;

  /** Of JSON in one message; a larger one is made only for a single write. */
  private static final long MAX_CHARS = 1_000_000;

  private static final long PATIENCE_MILLIS = 10;
  private static final long PATIENCE_NANOS = PATIENCE_MILLIS * 1_000_000;

  private final Outcome<A> inDoubt = new Outcome<>(Optional.empty(), Fate.IN_DOUBT);
  private final Sender<E, A> sender;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Waiting<E, A>> queue = new ArrayDeque<>();

  /** The first of the message that is under way and that the others wait for; null when there is none. */
  private @Nullable Waiting<E, A> leader;

  JournalGroup(Sender<E, A> sender) {
    this.sender = sender;
  }

  /**
   * Sends a request, perhaps together with others.
   *
   * @throws SQLException when it was sent alone and failed
   */
  Outcome<A> send(E request) throws SQLException {
    Waiting<E, A> own = new Waiting<>(request);
    add(own);
    awaitTurn(own);
    return own.leads ? lead(own) : own.outcomeRequired();
  }

  private void add(Waiting<E, A> own) {
    lock.lock();
    try {
      queue.add(own);
      if (leader == null) {
        leader = own;
        own.leads = true;
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Until this thread leads, or another one has sent its request. Threads park and are woken singly: waiting for a condition of the lock they
   * would wake each other in turn, and the next leader last. An interrupt is handed back at the end.
   */
  private void awaitTurn(Waiting<E, A> own) {
    boolean interrupted = false;
    long since = System.nanoTime();
    while (own.waits()) {
      LockSupport.parkNanos(this, PATIENCE_NANOS);
      interrupted |= Thread.interrupted();
      if (own.waits() && System.nanoTime() - since >= PATIENCE_NANOS) {
        overtake(own);
        since = System.nanoTime();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Goes on without what was sent alone and is not back yet: it waits for a lock, or the disk is slow. */
  private void overtake(Waiting<E, A> own) {
    lock.lock();
    try {
      if (leader != null && leader.alone && own.equals(queue.peek())) {
        leader = own;
        own.leads = true;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes from the front of the queue into a message. What has company there already waits for the next one. */
  private void take(Waiting<E, A> own, List<Waiting<E, A>> message) {
    Set<UUID> effects = new HashSet<>();
    long chars = 0;
    lock.lock();
    try {
      Iterator<Waiting<E, A>> waiting = queue.iterator();
      while (waiting.hasNext() && message.size() < MAX_ENTRIES) {
        Waiting<E, A> next = waiting.next();
        chars += next.request.chars();
        if (!message.isEmpty() && chars > MAX_CHARS) {
          break;
        }
        if (effects.add(next.request.effectId())) {
          message.add(next);
          waiting.remove();
        }
      }
      own.alone = message.size() == 1;
    } finally {
      lock.unlock();
    }
  }

  private Outcome<A> lead(Waiting<E, A> own) throws SQLException {
    List<Waiting<E, A>> message = new ArrayList<>();
    try {
      take(own, message);
      if (message.size() == 1) {
        return Outcome.alone(sender.send(own.request));
      }
      message.sort(Comparator.comparing(waiting -> waiting.request.effectId()));
      Map<UUID, A> answers =
          sender.sendAll(message.stream().map(waiting -> waiting.request).toList());
      message.forEach(
          waiting -> waiting.outcome = Outcome.together(answers.get(waiting.request.effectId())));
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

  /**
   * Tells everybody, and calls the next leader last: those who wake up may have something to send again by the time it looks into the queue.
   */
  private void handOver(Waiting<E, A> own, List<Waiting<E, A>> message) {
    // By number, and without making anything: there may be no memory.
    for (int i = 0; i < message.size(); i++) {
      Waiting<E, A> waiting = message.get(i);
      if (waiting.outcome == null) {
        waiting.outcome = inDoubt;
      }
      waiting.wake();
    }
    lock.lock();
    try {
      if (message.isEmpty()) {
        queue.remove(own); // It was not even taken, for want of memory.
      }
      if (own.equals(leader)) {
        leader = queue.peek();
        if (leader != null) {
          leader.leads = true;
          leader.wake();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * What came of a request.
   *
   * @param answer empty when there is none, as a write found nothing to do
   * @param fate whether it has to be sent again, alone
   */
  record Outcome<A>(Optional<A> answer, Fate fate) {

    static <A> Outcome<A> alone(Optional<A> answer) {
      return new Outcome<>(answer, Fate.DECIDED);
    }

    private static <A> Outcome<A> together(@Nullable A answer) {
      return new Outcome<>(
          Optional.ofNullable(answer), answer == null ? Fate.LEFT_OUT : Fate.DECIDED);
    }
  }

  /** What a request has come to. */
  enum Fate {
    DECIDED,
    /** Its message was done, and certainly without it. */
    LEFT_OUT,
    /** Its message failed, which may have been only its reply. */
    IN_DOUBT
  }

  /** What is asked about one effect transaction. */
  interface Request {

    UUID effectId();

    /** How much JSON it carries. */
    long chars();
  }

  /** The statements. */
  interface Sender<E, A> {

    /** A request alone; empty when there is no answer, as a write found nothing to do. */
    Optional<A> send(E request) throws SQLException;

    /** Requests about different effect transactions; those that have no answer are sent again, alone. */
    Map<UUID, A> sendAll(List<E> requests) throws SQLException;
  }

  /** A request whose thread waits. */
  private static final class Waiting<E, A> {

    private final E request;
    private final Thread thread = Thread.currentThread();

    /** Whether its message has nothing else; it may wait for a lock then. Guarded by the lock of the group. */
    private boolean alone;

    /** Whether its thread is to send the next message. */
    private volatile boolean leads;

    private volatile @Nullable Outcome<A> outcome;

    Waiting(E request) {
      this.request = request;
    }

    boolean waits() {
      return !leads && outcome == null;
    }

    @SuppressWarnings("ReferenceEquality") // The very thread is meant.
    void wake() {
      if (thread != Thread.currentThread()) {
        LockSupport.unpark(thread);
      }
    }

    Outcome<A> outcomeRequired() {
      Outcome<A> known = outcome;
      if (known == null) {
        throw new IllegalStateException("A request was answered without an outcome");
      }
      return known;
    }
  }
}
