package dev.holdfast.store.internal;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A queue of change sets: the main one, or the lane of one state. Guarded by the lock of the {@link GroupCommit}.
 *
 * <p>A lane has one message under way at a time. The main line has a second one beside it when enough is queued for that; the two have no
 * state in common, because the second would find it locked by the first.
 */
final class Line {

  /** One state may take so much of a message while others wait. */
  private static final int SHARE_OF_A_STATE = 128;

  /** How far down the queue a leader looks for change sets that fit. */
  private static final int MOST_LOOKED_AT = 1024;

  /** A message costs the server as much as the rows of some eight change sets; so many have to share that before there is a second one. */
  static final int ENOUGH_FOR_A_SECOND = 8;

  /** What may be queued at a time, and a message that is put back. */
  private static final int MOST_QUEUED = 34_000;

  /** The state of a lane, null for the main line. */
  final @Nullable UUID state;

  /** Of a lane that rests: since when, and whether its state may be missing, so that trying it in a message that does not wait is no use. */
  long restsSince;

  boolean mayBeMissing;

  private final Deque<Ticket> queue;

  /** The states of messages that are under way or have a leader called. */
  private final Set<UUID> underWay = new HashSet<>();

  private int leaders;

  /** Whether a leader is called who has not yet taken anything. */
  private boolean isCalled;

  /** How many of the queue, as far as a leader looks, are of no state under way. */
  private int free;

  Line(@Nullable UUID state) {
    this.state = state;
    // A deque that cannot grow loses what is in it, so the main line has room for all that may
    // come.
    this.queue = new ArrayDeque<>(state == null ? MOST_QUEUED : 16);
  }

  boolean isLane() {
    return state != null;
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  @SuppressWarnings("ReferenceEquality") // The very ticket is meant.
  boolean isFirst(Ticket ticket) {
    return queue.peekFirst() == ticket;
  }

  void addLast(Ticket ticket) {
    ticket.line = this;
    queue.addLast(ticket);
    free += isFree(ticket) ? 1 : 0;
  }

  void addFirst(Ticket ticket) {
    ticket.line = this;
    queue.addFirst(ticket);
    free += isFree(ticket) ? 1 : 0;
  }

  boolean remove(Ticket ticket) {
    boolean removed = queue.remove(ticket);
    countFree();
    return removed;
  }

  /** Has the oldest see anew what it waits for. */
  void wakeFirst() {
    Ticket first = queue.peekFirst();
    if (first != null) {
      first.wake();
    }
  }

  private boolean isFree(Ticket ticket) {
    return !underWay.contains(ticket.state());
  }

  private void countFree() {
    free = count(this::isFree);
  }

  /** How many of the queue, as far as a leader looks, are of a kind. A stream would take longer than the look, with everybody waiting. */
  private int count(Predicate<Ticket> kind) {
    int counted = 0;
    int left = MOST_LOOKED_AT;
    for (Iterator<Ticket> tickets = queue.iterator(); left > 0 && tickets.hasNext(); left--) {
      counted += kind.test(tickets.next()) ? 1 : 0;
    }
    return counted;
  }

  /** Moves what is queued for a state to its lane, or from there; nothing when it fails. */
  void moveTo(Line lane, UUID stateOfLane) {
    boolean hasMoved = false;
    try {
      queue.removeIf(ticket -> {
        boolean moves = ticket.state().equals(stateOfLane);
        if (moves) {
          lane.addLast(ticket);
        }
        return moves;
      });
      hasMoved = true;
    } finally {
      if (!hasMoved) {
        // The queue is as it was: it tests all before it removes any.
        for (Ticket ticket : queue) {
          if (lane.equals(ticket.line)) {
            lane.queue.remove(ticket);
            ticket.line = this;
          }
        }
        lane.countFree();
      }
    }
    countFree();
  }

  /** Whether there is something to send, and no message under way that it should rather wait for. */
  boolean wantsLeader() {
    return leaders == 0
        ? !queue.isEmpty()
        : leaders == 1 && !isCalled && !isLane() && free >= ENOUGH_FOR_A_SECOND;
  }

  /** Calls the next leader, if it is time for one. */
  void handOn() {
    if (wantsLeader()) {
      callFirst();
    }
  }

  /** Calls the oldest that may go to lead the next message. */
  void callFirst() {
    for (Ticket ticket : queue) {
      if (isFree(ticket)) {
        begin(ticket.state());
        isCalled = true;
        ticket.assign(Duty.LEAD);
        return;
      }
    }
    throw new IllegalStateException("Nobody in the queue may lead");
  }

  /** Somebody who was called to lead is gone without having taken anything. */
  void dismiss(Ticket called) {
    isCalled = false;
    end(List.of(called.state()));
  }

  /** A message with this state is under way, or about to be. */
  void begin(UUID stateOfMessage) {
    underWay.add(stateOfMessage);
    leaders++;
  }

  /** A message with these states is not under way any more. */
  void end(Collection<UUID> states) {
    leaders--;
    // One by one: removeAll of a list as long as the set compares each with each.
    for (UUID ended : states) {
      underWay.remove(ended);
    }
    countFree();
  }

  boolean hasOneMessage() {
    return leaders == 1;
  }

  /**
   * Takes what fits into one message, oldest first, the leader's own in any case. When there is enough for two messages, it takes the states of
   * one half and leaves those of the other. When it fails, all of it is queued again, and the leader is called as before.
   */
  Load take(Ticket leader) {
    Load load = new Load(this, leader);
    List<Ticket> left = new ArrayList<>();
    List<Ticket> over = new ArrayList<>();
    boolean isTaken = false;
    queue.remove(leader);
    try {
      choose(load, left, over);
      load.states = load.batch.states();
      underWay.addAll(load.states);
      putBack(left);
      putBack(over);
      countFree();
      isCalled = false;
      isTaken = true;
    } finally {
      if (!isTaken) {
        notUnderWay(load, leader.state());
        putBack(left);
        putBack(over);
        putBack(load.tickets);
        countFree();
      }
    }
    return load;
  }

  private void notUnderWay(Load load, UUID stateOfLeader) {
    for (Ticket ticket : load.tickets) {
      if (!ticket.state().equals(stateOfLeader)) {
        underWay.remove(ticket.state());
      }
    }
  }

  /** Each is in the queue until it is in one of the lists, so that none is lost when that fails. */
  private void choose(Load load, List<Ticket> left, List<Ticket> over) {
    Ticket leader = load.tickets.get(0);
    boolean isHalf = isEnoughForTwo(leader);
    for (int i = 0; i < MOST_LOOKED_AT && !queue.isEmpty() && !load.batch.isFull(); i++) {
      Ticket ticket = queue.element();
      boolean isOver = !isLane() && load.batch.setsOf(ticket.state()) >= SHARE_OF_A_STATE;
      if (isOver) {
        over.add(ticket);
      } else if (!mayJoin(leader, ticket, isHalf) || !load.add(ticket)) {
        left.add(ticket);
      }
      queue.remove();
    }
    for (Iterator<Ticket> tickets = over.iterator(); tickets.hasNext(); ) {
      if (load.add(tickets.next())) {
        tickets.remove();
      }
    }
  }

  private boolean isEnoughForTwo(Ticket leader) {
    if (isLane() || leaders > 1 || queue.size() < 2 * ENOUGH_FOR_A_SECOND) {
      return false;
    }
    int same = count(leader::isOfSameHalf);
    return Math.min(same, queue.size() - same) >= ENOUGH_FOR_A_SECOND;
  }

  private boolean mayJoin(Ticket leader, Ticket ticket, boolean isHalf) {
    return ticket.state().equals(leader.state())
        || (isFree(ticket) && (!isHalf || leader.isOfSameHalf(ticket)));
  }

  /** In front, as before, and each once. No room is needed for that: they come from here. */
  private void putBack(List<Ticket> tickets) {
    while (!tickets.isEmpty()) {
      queue.addFirst(tickets.remove(tickets.size() - 1));
    }
  }

  /** What goes in one message. */
  static final class Load {

    final Line line;
    final List<Ticket> tickets = new ArrayList<>();
    final Batch batch = new Batch();

    /** Those of the change sets, each once. */
    List<UUID> states = List.of();

    /** Whether it is one change set, sent by a statement of its own, which waits for the lock. */
    boolean isAlone;

    /** Whether its lane is at work for a turn, and not for as long as it takes. */
    boolean isInTurn;

    /** Whether that turn was over before the state could be had. */
    boolean wasInVain;

    private @Nullable ServerSession sentOn;

    /** Made before it is needed, as there may be no memory then. What was not sent will fail by itself, and say so of itself. */
    private Duty otherwise = Duty.SEND_ALONE;

    /** What happened to the thread that led; null while nothing did. */
    @Nullable
    Throwable trouble;

    private Load(Line line, Ticket leader) {
      this.line = line;
      add(leader);
    }

    /** From now on it may be done, whatever happens here. */
    void sendOn(ServerSession server) {
      Duty lookedFor = new Duty.ResolveUnanswered(this);
      sentOn = server;
      otherwise = lookedFor;
    }

    /** The session that it was sent on; null before it was. */
    @Nullable
    ServerSession sentOn() {
      return sentOn;
    }

    /** What those have to do who are not told what became of theirs. */
    Duty otherwise() {
      return otherwise;
    }

    /** That it was sent and the thread that led came to grief by itself: it may have been done, so everybody looks. */
    Duty.Resolve unanswered() {
      SQLException failure = new SQLException("The answer to a message could not be read", trouble);
      return new Duty.Resolve(Objects.requireNonNull(sentOn), failure, true);
    }

    /** Tells those who were not told, and are not queued again. */
    void settleRest() {
      // By number: an iterator needs memory.
      for (int i = 0; i < tickets.size(); i++) {
        if (tickets.get(i).load == this) {
          tickets.get(i).settle(otherwise);
        }
      }
    }

    private boolean add(Ticket ticket) {
      boolean fits = batch.add(ticket.set);
      if (fits) {
        tickets.add(ticket);
      }
      return fits;
    }
  }
}
