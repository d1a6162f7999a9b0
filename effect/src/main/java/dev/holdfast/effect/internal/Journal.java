package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectMismatchException;
import dev.holdfast.effect.EffectStatus;
import dev.holdfast.effect.StaleLeaseException;
import dev.holdfast.logging.Log;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The journal of one effect transaction, in the hands of one run.
 *
 * <p>The protocol. What is about to happen in the outside world is {@linkplain #flush flushed} before it does; what has happened is
 * {@linkplain #defer deferred} and goes with the next flush, which comes before anything else is attempted, or with a heartbeat, when
 * nothing else is attempted for a while. So n operations cost n + 1 flushes. A process that dies between an operation and the flush of
 * its outcome leaves an intent without outcome: the operation is UNKNOWN to whoever takes over.
 *
 * <p>Every write is conditional on the epoch of the run and on the revision, the number of writes before it. The epoch keeps out a run
 * that lost its lease. The revision makes a write that was sent twice, because the connection was lost, happen once. When a write cannot be
 * made, the run is over: it must not go on in memory with what is not durable.
 *
 * <p>Safe for use by multiple threads: branches that run in parallel share it, and the heartbeat.
 */
final class Journal {

  /** For how long a connection waits for one and the same write of somebody else, who may need it. */
  private static final long PATIENCE_MILLIS = 250;

  private final JournalStore store;
  private final EffectId effect;
  private final Owner owner;
  private final Heartbeat heartbeat;

  /** Whether it only answers. */
  private final boolean isEnded;

  private final ReentrantLock lock = new ReentrantLock();

  /** How many times somebody began to write. */
  private final AtomicInteger turns = new AtomicInteger();

  private final NavigableMap<Position, JournaledOperation> operations = new TreeMap<>();
  private JournalWrite pending = new JournalWrite();
  private @Nullable JournalWrite inTransaction;
  private volatile @Nullable Fence fence;
  private EffectStatus status = EffectStatus.RUNNING;
  private @Nullable RuntimeException over;
  private volatile @Nullable Exception stopped;
  private volatile @Nullable String input;
  private volatile boolean isLeft;

  private Journal(
      JournalStore store,
      EffectId effect,
      Owner owner,
      Heartbeat heartbeat,
      @Nullable Fence fence,
      boolean isEnded) {
    this.store = store;
    this.effect = effect;
    this.owner = owner;
    this.heartbeat = heartbeat;
    this.fence = fence;
    this.isEnded = isEnded;
  }

  /**
   * The journal of an effect transaction that is not there yet; its first write makes it.
   *
   * @param input what recovery is to go on with; null when it is to roll back
   */
  static Journal fresh(
      JournalStore store,
      EffectId effect,
      Owner owner,
      Heartbeat heartbeat,
      @Nullable String input) {
    Journal journal = new Journal(store, effect, owner, heartbeat, null, false);
    if (input != null) {
      journal.input = input;
      journal.defer(new JournalWrite().payload(Position.ROOT, Part.INPUT, input));
    }
    return journal;
  }

  /**
   * The journal of an effect transaction that was taken over.
   *
   * @param state read after the takeover
   */
  static Journal takenOver(
      JournalStore store,
      EffectId effect,
      Owner owner,
      Heartbeat heartbeat,
      Fence fence,
      JournalState state) {
    Journal journal = new Journal(store, effect, owner, heartbeat, fence, false);
    journal.status = state.head().status();
    journal.input = state.input();
    journal.put(state.operations());
    journal.giveUp(Position.ROOT, "the process ended before the outcome was recorded");
    heartbeat.add(journal);
    return journal;
  }

  /** A journal that answers; whoever wants to write to it does something else than was recorded. */
  static Journal ended(
      JournalStore store, EffectId effect, Owner owner, Heartbeat heartbeat, JournalState state) {
    Journal journal = new Journal(
        store,
        effect,
        owner,
        heartbeat,
        new Fence(effect.uuid(), state.head().epoch(), state.head().revision()),
        true);
    journal.status = state.head().status();
    journal.put(state.operations());
    return journal;
  }

  EffectId effect() {
    return effect;
  }

  Owner owner() {
    return owner;
  }

  /** The epoch of this run. */
  long epoch() {
    Fence current = currentFence();
    return current == null ? 1 : current.epoch();
  }

  /** What the next write is conditional on; null before the first. */
  @Nullable
  Fence currentFence() {
    return fence;
  }

  boolean isBegun() {
    return currentFence() != null;
  }

  EffectStatus status() {
    lock.lock();
    try {
      return status;
    } finally {
      lock.unlock();
    }
  }

  Optional<JournaledOperation> find(Position position) {
    lock.lock();
    try {
      return Optional.ofNullable(operations.get(position));
    } finally {
      lock.unlock();
    }
  }

  /** The operations below a scope, the newest first. */
  List<JournaledOperation> newestFirst(Position scope) {
    lock.lock();
    try {
      List<JournaledOperation> found =
          new ArrayList<>(operations.descendingMap().values());
      found.removeIf(operation -> !operation.position().isWithin(scope));
      return found;
    } finally {
      lock.unlock();
    }
  }

  private void put(Collection<JournaledOperation> newest) {
    newest.forEach(operation -> operations.put(operation.position(), operation));
  }

  /** An intent below a scope that has no outcome cannot get one any more: nobody knows. */
  void giveUp(Position scope, String why) {
    newestFirst(scope).stream()
        .filter(operation -> operation.status() == OperationStatus.INTENDED)
        .filter(operation -> operation.kind() != OperationKind.SCOPE)
        .map(operation -> operation.as(OperationStatus.UNKNOWN, why))
        .forEach(unknown -> defer(new JournalWrite().operation(unknown)));
  }

  /** Remembers what goes with the next flush. */
  void defer(JournalWrite write) {
    lock.lock();
    try {
      requireWritable();
      pending.plus(write);
      put(write.operations());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes this and everything that was deferred, and returns when it is durable.
   *
   * @return the status that the effect transaction has then
   */
  EffectStatus flush(JournalWrite write) {
    lock.lock();
    try {
      requireKept();
      requireWritable();
      defer(write);
      return send();
    } finally {
      lock.unlock();
    }
  }

  /** What has ended must not change, whatever a body does that is to be answered. */
  private void requireWritable() {
    if (isEnded) {
      EffectMismatchException mismatch = new EffectMismatchException(
          effect, "the body does something else than was recorded, and it has ended");
      end(mismatch);
      throw mismatch;
    }
  }

  private EffectStatus send() {
    turns.incrementAndGet();
    try {
      status = store.send(effect, owner, fence, pending);
    } catch (RuntimeException | Error e) {
      end(e);
      throw e;
    }
    pending = new JournalWrite();
    Fence before = fence;
    fence = before == null ? new Fence(effect.uuid(), 1, 1) : before.next();
    if (before == null && !status.isEnd()) {
      heartbeat.add(this);
    }
    if (status.isEnd()) {
      heartbeat.remove(this);
    }
    return status;
  }

  /** Whether anything waits for the next flush; not while somebody is writing just now. */
  boolean hasDeferred() {
    if (!lock.tryLock()) {
      return false;
    }
    try {
      return !pending.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Makes what was deferred durable, unless somebody is writing just now. */
  void flushDeferred() {
    if (lock.tryLock()) {
      try {
        if (over == null && fence != null && !pending.isEmpty() && !status.isEnd()) {
          send();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Runs a database transaction that calls {@link #writeIn}, and runs it again when it had to give back its connection: others write before others
   * wait. Who writes may be waiting for a connection, to flush, to repeat its database transaction, or to find out whether that was committed, and all
   * there are may be in the hands of those who wait to write.
   */
  <T, X extends Exception> T transact(Uninterrupted.Work<T, X> transaction) throws X {
    while (true) {
      try {
        return transaction.call();
      } catch (BusyException e) {
        requireKept(); // Waits without a connection until whoever wrote is done.
      }
    }
  }

  /**
   * Writes as part of a database transaction. Nobody else can write until {@link #endTransaction} was called, which must follow, also before
   * the database transaction is run again: by then others may have to write for it to get on.
   *
   * @throws BusyException when somebody else writes for long; for {@link #transact}
   * @throws StaleLeaseException when another run has taken over; the database transaction must not be committed
   */
  void writeIn(Connection connection, JournalWrite write) {
    awaitTurn();
    boolean written = false;
    try {
      requireKept();
      requireWritable();
      Fence current = Objects.requireNonNull(fence, "a step is not the first write");
      JournalWrite all = new JournalWrite().plus(pending).plus(write);
      if (!store.writeIn(connection, current, all)) {
        StaleLeaseException stale = new StaleLeaseException(effect, current.epoch(), null);
        end(stale);
        throw stale;
      }
      inTransaction = all;
      written = true;
    } finally {
      if (!written) {
        lock.unlock();
      }
    }
  }

  /** Takes the lock, however many write first, but waits for none of them for long. An interrupt is handed back at the end. */
  private void awaitTurn() {
    boolean interrupted = false;
    try {
      while (true) {
        int turn = turns.get();
        try {
          if (lock.tryLock(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
            turns.incrementAndGet();
            return;
          }
          if (turn == turns.get()) {
            throw new BusyException();
          }
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Whether the database transaction in doubt was committed; waits for its end. Before {@link #endTransaction}; false when this thread has not come
   * to {@link #writeIn}. When it cannot be found out, this run is over: the number of its writes is not known any more, so that the next one
   * could be taken for this.
   *
   * @param failure what it ended with
   */
  boolean hasLanded(Throwable failure) {
    try {
      return lock.isHeldByCurrentThread()
          && inTransaction != null
          && store.hasLanded(effect, owner, Objects.requireNonNull(fence, "begun"));
    } catch (RuntimeException | Error e) {
      e.addSuppressed(failure);
      end(e);
      throw e;
    }
  }

  /** The database transaction of {@link #writeIn} has ended. Does nothing when there was none. */
  void endTransaction(boolean committed) {
    if (!lock.isHeldByCurrentThread()) {
      return;
    }
    JournalWrite written = inTransaction;
    if (committed && written != null) {
      put(written.operations());
      pending = new JournalWrite();
      fence = Objects.requireNonNull(fence, "begun").next();
    }
    inTransaction = null;
    lock.unlock();
  }

  /** Refuses to go on when this run is over. */
  void requireKept() {
    lock.lock();
    try {
      if (over instanceof StaleLeaseException stale) {
        throw new StaleLeaseException(effect, epoch(), stale);
      }
      if (over != null) {
        throw over;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Refuses to begin another operation when this run is over, or was told to stop. */
  void requireGoingOn() {
    requireKept();
    Exception reason = stopped;
    if (reason != null) {
      throw new EffectFailedException(effect, "the next operation", reason.toString(), reason);
    }
  }

  /** No further operation begins; what was done is to be rolled back. The first reason counts. */
  void stop(Exception reason) {
    if (stopped == null) {
      stopped = reason;
    }
  }

  /** The same, but what recovery can go on with is left to another process and not rolled back. */
  void leave(Exception reason) {
    isLeft = input != null;
    stop(reason);
  }

  /** Whether this run ends without rolling back. */
  boolean isLeft() {
    return isLeft;
  }

  /** What the body was given, as JSON; null when recovery rolls back. */
  @Nullable
  String input() {
    return input;
  }

  /** Why no further operation begins. */
  Optional<Exception> stopped() {
    return Optional.ofNullable(stopped);
  }

  /** This run must not write any more: it could not, or another has taken over. */
  void end(Throwable reason) {
    lock.lock();
    try {
      if (over == null) {
        // An error may come from behind a commit, so that nobody knows how often it has written.
        over = reason instanceof RuntimeException known
            ? known
            : new IllegalStateException(
                "The journal of " + effect + " could not be written", reason);
      }
      heartbeat.remove(this);
    } finally {
      lock.unlock();
    }
  }

  /** This run stops, however far it came: whoever recovers what is not at its end waits for the rest of the lease and not for ever. */
  void letGo() {
    lock.lock();
    try {
      if (over == null && !status.isEnd()) {
        end(new IllegalStateException("The run of effect transaction " + effect + " has ended"));
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The heartbeat found no lease to renew: another run has the effect transaction, unless this one has just ended it. Waits for nobody: who is
   * writing just now finds out by himself.
   */
  void loseLease(Log log) {
    if (lock.tryLock()) {
      try {
        if (!status.isEnd()) {
          log.warn("This run of effect transaction {} lost its lease", effect);
          end(new StaleLeaseException(effect, epoch(), null));
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** Why this run is over, when it did not end well by itself. */
  Optional<RuntimeException> over() {
    lock.lock();
    try {
      return Optional.ofNullable(over);
    } finally {
      lock.unlock();
    }
  }
}
