package dev.holdfast.store.internal;

import dev.holdfast.error.TransientException;
import dev.holdfast.logging.Logs;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.Engine.InDoubtException;
import dev.holdfast.store.internal.Line.Load;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets callers that write at the same time share one message, which is one transaction and one flush.
 *
 * <p><b>Leader and followers.</b> There is no thread of its own. A caller that finds nobody at work sends its change set at once and alone;
 * nobody ever waits for company. Whoever comes meanwhile queues up. When the message is answered, the first of the queue becomes the leader:
 * it sends what has queued up, its own change set included, and hands the lead on. So everybody works for others at most once, and the longer
 * a flush takes the more share the next one. When enough is queued for states that are not in the message under way, a second one sets off
 * beside it; what is queued for the same states would find them locked, and waits.
 *
 * <p><b>Nobody fails for others.</b> The message says of each change set what became of it. If the message as a whole fails, each caller
 * sends its own again alone. If the connection is lost, each caller finds out what became of its own, by its transaction id.
 *
 * <p><b>Nobody waits for others' locks.</b> A message of several does not wait for a state that is locked elsewhere, or that has to be
 * created. The callers of such a state go over to a lane: a queue of that state alone, with leaders of its own, that waits for the lock on
 * another connection, see {@link Lanes}. A change set that is sent alone does wait, unless as many lanes do as may; when that takes longer
 * than a moment, its state becomes a lane with it at work, and the others go on.
 *
 * <p><b>What must hold.</b> Each ticket is in exactly one queue, or taken by one leader, or settled. A lane has at most one leader and the main
 * line at most two, whose messages have no state in common; a line that is not led is empty, or a lane that rests. The first in a lane that
 * is to go back watches the time. All of it changes under one lock, which is never held during I/O. Threads park and are woken singly, and
 * no monitor is used, so virtual threads stay unpinned. Safe for use by multiple threads.
 */
public final class GroupCommit {

  /** How long a change set that was sent alone may hold up those behind it. */
  private static final long MOMENT = Duration.ofMillis(10).toNanos();

  /** The queues have room for so many permits; a change set takes one, and one more for each so many characters of its values. */
  private static final int PERMITS = 32 * 1024;

  private static final int CHARACTERS_A_PERMIT = 1024;

  private final PooledSession pool;
  private final Engine engine;
  private final Writer writer;
  private final GroupSender sender;
  private final Duration patience;
  private final KnownStates known = new KnownStates();
  private final Semaphore room = new Semaphore(PERMITS, true);

  private final ReentrantLock lock = new ReentrantLock();
  private final Line main = new Line(null);
  private final Lanes lanes;

  /** What is on its way alone from the main line, was the only message when it was sent, and since when. */
  private volatile @Nullable Ticket alone;

  private long aloneSince;

  private final LongAdder messages = new LongAdder();
  private final LongAdder sets = new LongAdder();
  private final LongAdder held = new LongAdder();
  private final LongAdder withdrawn = new LongAdder();

  /**
   * Group commit over the connections of a pool.
   *
   * @param patience how long a change set may wait to be sent
   */
  public GroupCommit(
      PooledSession pool, Writer writer, SchemaName schema, Duration patience, Logs logs) {
    this.pool = pool;
    Session session = pool.admitted();
    this.engine = new Engine(session, pool.looks(), writer, logs);
    this.writer = writer;
    GroupWriter groupWriter = new GroupWriter(schema, writer.deltasPerSnapshot(), writer.tails());
    this.sender = new GroupSender(session, groupWriter, known);
    this.patience = patience;
    this.lanes = new Lanes(main, known, patience);
  }

  /**
   * Writes a change set, alone or with others, and waits until it is durable.
   *
   * @throws TransientException when it could not be sent in time, or the thread was interrupted before it was sent; nothing was written
   * @throws InDoubtException when the connection was lost and it could not be found out what became of it
   */
  public WriteOutcome write(ChangeSet set) {
    return inside(
        given -> {
          Ticket ticket = reserve(given);
          try {
            submit(ticket);
            return await(ticket);
          } catch (Error e) {
            abandon(ticket);
            throw e;
          }
        },
        set);
  }

  /** Writes a change set in a message of its own. */
  public WriteOutcome writeAlone(ChangeSet set) {
    return inside(this::sendAlone, set);
  }

  /** Closing waits for whoever is inside, queued or not. */
  private WriteOutcome inside(Function<ChangeSet, WriteOutcome> way, ChangeSet set) {
    pool.enter();
    try {
      return way.apply(set.seen(known.version(set.stateUuid())));
    } finally {
      pool.leave();
    }
  }

  /** How often what happened. */
  public Counts counts() {
    return new Counts(messages.sum(), sets.sum(), held.sum(), withdrawn.sum());
  }

  /**
   * How often what happened since the start. A copy.
   *
   * @param messages messages sent
   * @param sets change sets in them
   * @param held how often a change set was left out of a message because its state was locked elsewhere, or missing
   * @param withdrawn change sets that were taken back before they were sent
   */
  public record Counts(long messages, long sets, long held, long withdrawn) {}

  /** Waits for room in the queues, first come, first served. */
  private Ticket reserve(ChangeSet set) {
    long deadline = System.nanoTime() + patience.toNanos();
    int permits = Math.min(PERMITS, 1 + set.characters() / CHARACTERS_A_PERMIT);
    Ticket ticket = new Ticket(set, permits, deadline);
    try {
      if (!room.tryAcquire(permits)
          && !room.tryAcquire(permits, patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw withdrawn(set, "found no room in the queue of writes within " + patience);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw withdrawn(set, "was interrupted while it waited for room in the queue of writes");
    }
    return ticket;
  }

  private TransientException withdrawn(ChangeSet set, String what) {
    withdrawn.increment();
    return new TransientException(
        "The write of state " + set.state() + " " + what + "; nothing was written",
        Map.of("state", set.state().toString()),
        null);
  }

  private void submit(Ticket ticket) {
    lock.lock();
    try {
      Line line = lanes.lineOf(ticket.state());
      line.addLast(ticket);
      if (line == main) {
        main.handOn();
      }
    } finally {
      lock.unlock();
    }
  }

  private WriteOutcome await(Ticket ticket) {
    boolean interrupted = false;
    try {
      while (true) {
        Duty duty = ticket.duty();
        if (duty instanceof Duty.Return end) {
          return end.outcome();
        } else if (duty instanceof Duty.Throw end) {
          throw end.failure();
        } else if (duty instanceof Duty.SendAlone) {
          return sendAlone(ticket.set);
        } else if (duty instanceof Duty.Resolve resolve) {
          return resolve(ticket.set, resolve);
        } else if (duty instanceof Duty.ResolveUnanswered resolve) {
          return resolve(ticket.set, resolve.load().unanswered());
        } else if (duty instanceof Duty.Lead) {
          // A pool, or a socket under a virtual thread, would give up for all when it sees the
          // flag.
          interrupted |= Thread.interrupted();
          lead(ticket);
        } else {
          rest(ticket, interrupted);
        }
        interrupted |= Thread.interrupted();
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private WriteOutcome sendAlone(ChangeSet set) {
    boolean mayBeMissing = !known.contains(set.stateUuid());
    messages.increment();
    sets.increment();
    WriteOutcome outcome =
        engine.write(set, connection -> writer.write(connection, set, mayBeMissing));
    known.remember(set, outcome);
    return outcome;
  }

  private WriteOutcome resolve(ChangeSet set, Duty.Resolve lost) {
    try {
      return engine.resolve(set, lost.session(), lost.failure());
    } catch (TransientException e) {
      if (lost.byInterrupt()) {
        return sendAlone(set);
      }
      throw e;
    }
  }

  /** Parks until there is something to do, or takes the change set back. */
  private void rest(Ticket ticket, boolean interrupted) {
    long left = ticket.deadline - System.nanoTime();
    if (interrupted || left <= 0) {
      takeBack(ticket, interrupted);
      // It is on its way by now, and comes back soon: a connection has timeouts.
      LockSupport.parkNanos(this, MOMENT);
    } else if (ticket.line != main) {
      LockSupport.parkNanos(this, Math.min(left, untilReturn(ticket)));
    } else if (alone == null) {
      LockSupport.parkNanos(this, left);
    } else {
      LockSupport.parkNanos(this, Math.min(left, MOMENT));
      overtake();
    }
  }

  /** How long the thread may park in a lane, unless it is woken. */
  private long untilReturn(Ticket ticket) {
    lock.lock();
    try {
      // Waiting for the lock may have swallowed the wake-up.
      boolean hasMoved = ticket.duty() != null || !ticket.line().isLane();
      return hasMoved ? 0 : lanes.untilReturn(ticket);
    } finally {
      lock.unlock();
    }
  }

  private void takeBack(Ticket ticket, boolean interrupted) {
    lock.lock();
    try {
      Line line = ticket.line();
      if (ticket.duty() != null || !line.remove(ticket)) {
        return;
      }
      lanes.closeIfEmpty(line);
      // The first watches for the others.
      line.wakeFirst();
      room.release(ticket.permits);
      ticket.permits = 0;
    } finally {
      lock.unlock();
    }
    throw withdrawn(
        ticket.set,
        interrupted
            ? "was interrupted while it was queued"
            : "was queued for longer than " + patience);
  }

  /** Goes on without a change set that was sent alone and is not back after a moment: it waits for a lock, or the disk is slow. */
  private void overtake() {
    lock.lock();
    try {
      Ticket slow = alone;
      if (slow == null || System.nanoTime() - aloneSince < MOMENT) {
        return;
      }
      alone = null;
      lanes.begin(slow);
      main.handOn();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The thread of a change set is gone, and nobody knows where it was. If it was called to lead, somebody else has to; if its change set is queued, it
   * must not be called any more. What is on its way with others is done, and nobody asks what became of it.
   */
  private void abandon(Ticket ticket) {
    lock.lock();
    try {
      ticket.isAbandoned = true;
      room.release(ticket.permits);
      ticket.permits = 0;
      Line line = ticket.line;
      if (line == null || !line.remove(ticket)) {
        return;
      }
      if (ticket.duty() instanceof Duty.Lead) {
        line.dismiss(ticket);
        goOn(line, false);
      } else {
        lanes.closeIfEmpty(line);
        line.wakeFirst();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Sends what has queued up. Whatever happens to this thread, nobody is left behind waiting, and somebody leads after it. */
  private void lead(Ticket leader) {
    Load load = take(leader);
    try {
      settle(load, load.isAlone ? List.of(sendOne(leader.set)) : sendTogether(load));
    } catch (RuntimeException | Error e) {
      load.trouble = e;
      throw e;
    } finally {
      end(leader, load);
    }
  }

  /** Takes all of a message out of the queue, or nothing when it fails. */
  private Load take(Ticket leader) {
    lock.lock();
    try {
      Load load = leader.line().take(leader);
      for (Ticket ticket : load.tickets) {
        ticket.load = load;
        ticket.assign(null);
        room.release(ticket.permits);
        ticket.permits = 0;
      }
      load.isAlone = load.tickets.size() == 1 && lanes.mayWait(load.line);
      load.isInTurn = lanes.hasTurn(load.line);
      setOff(leader, load);
      return load;
    } finally {
      lock.unlock();
    }
  }

  private void setOff(Ticket leader, Load load) {
    boolean isOff = load.line.isLane();
    try {
      if (!isOff) {
        if (load.isAlone) {
          sendsAlone(leader);
        }
        main.handOn();
        watchAlone();
        isOff = true;
      }
    } finally {
      if (!isOff) {
        end(leader, load);
      }
    }
  }

  /** What is sent alone may have to wait for a lock. The one that others wait for is watched; one beside another message is a lane at once. */
  private void sendsAlone(Ticket leader) {
    if (main.hasOneMessage()) {
      alone = leader;
      aloneSince = System.nanoTime();
    } else {
      lanes.begin(leader);
    }
  }

  /** Somebody in the queue has to look after what is sent alone: behind a message of several they have gone to rest for long. */
  private void watchAlone() {
    if (alone != null) {
      main.wakeFirst();
    }
  }

  private Duty sendOne(ChangeSet set) {
    try {
      return new Duty.Return(sendAlone(set));
    } catch (RuntimeException e) {
      return new Duty.Throw(e);
    }
  }

  private List<Duty> sendTogether(Load load) {
    messages.increment();
    sets.add(load.tickets.size());
    return sender.send(load);
  }

  /** Tells everybody what became of theirs. */
  private void settle(Load load, List<Duty> duties) {
    putBack(load, duties);
    for (int i = 0; i < duties.size(); i++) {
      Duty duty = duties.get(i);
      if (!(duty instanceof Duty.TakeNext || duty instanceof Duty.TakeLane)) {
        load.tickets.get(i).settle(duty);
      }
    }
  }

  private void putBack(Load load, List<Duty> duties) {
    Set<Line> taken = new HashSet<>();
    lock.lock();
    try {
      // From behind, as each goes to the front of a queue.
      for (int i = load.tickets.size() - 1; i >= 0; i--) {
        Ticket ticket = load.tickets.get(i);
        Duty duty = ticket.isAbandoned ? null : duties.get(i);
        if (duty instanceof Duty.TakeNext) {
          load.line.addFirst(ticket);
          ticket.load = null;
        } else if (duty instanceof Duty.TakeLane) {
          held.increment();
          taken.add(lanes.take(ticket));
          ticket.load = null;
        }
      }
      taken.forEach(Line::wakeFirst);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Calls the next leader, last of all: those who wake up may have something to send again by the time it looks into the queue. The other way round
   * one of many writers would often travel alone, while all others wait.
   */
  private void end(Ticket leader, Load load) {
    lock.lock();
    try {
      load.settleRest();
      if (alone == leader) {
        alone = null;
      }
      // What was sent alone may have become a lane meanwhile; what was sent with others is perhaps
      // in a lane itself now.
      Line line = load.isAlone ? leader.line() : load.line;
      line.end(load.states);
      goOn(line, load.wasInVain);
    } finally {
      lock.unlock();
    }
  }

  /** Whoever led a line does not any more. */
  private void goOn(Line line, boolean wasInVain) {
    if (line.isLane()) {
      lanes.leavePlace(line, wasInVain);
    } else {
      main.handOn();
      watchAlone();
    }
    lanes.start();
  }
}
