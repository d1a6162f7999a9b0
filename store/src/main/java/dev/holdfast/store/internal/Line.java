package dev.holdfast.store.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
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

  /** The state of a lane, null for the main line. */
  final @Nullable UUID state;

  /** Of a lane that rests: since when, and whether its state may be missing, so that trying it in a message that does not wait is no use. */
  long restsSince;

  boolean mayBeMissing;

  private final Deque<Ticket> queue = new ArrayDeque<>();

  /** The states of messages that are under way or have a leader called. */
  private final Set<UUID> underWay = new HashSet<>();

  private int leaders;

  /** Whether a leader is called who has not yet taken anything. */
  private boolean isCalled;

  /** How many of the queue, as far as a leader looks, are of no state under way. */
  private int free;

  Line(@Nullable UUID state) {
    this.state = state;
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

  /** Moves what is queued for a state to its lane, or from there. */
  void moveTo(Line lane, UUID stateOfLane) {
    queue.removeIf(ticket -> {
      boolean moves = ticket.state().equals(stateOfLane);
      if (moves) {
        lane.addLast(ticket);
      }
      return moves;
    });
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
    Ticket first = queue.stream().filter(this::isFree).findFirst().orElseThrow();
    begin(first.state());
    isCalled = true;
    first.assign(new Duty.Lead());
  }

  /** A message with this state is under way, or about to be. */
  void begin(UUID stateOfMessage) {
    leaders++;
    underWay.add(stateOfMessage);
  }

  /** A message with these states is not under way any more. */
  void end(Collection<UUID> states) {
    leaders--;
    // One by one: removeAll of a list as long as the set compares each with each.
    states.forEach(underWay::remove);
    countFree();
  }

  boolean hasOneMessage() {
    return leaders == 1;
  }

  /**
   * Takes what fits into one message, oldest first, the leader's own in any case. When there is enough for two messages, it takes the states of
   * one half and leaves those of the other.
   */
  Load take(Ticket leader) {
    isCalled = false;
    queue.remove(leader);
    Load load = new Load(this, leader);
    boolean isHalf = isEnoughForTwo(leader);
    List<Ticket> left = new ArrayList<>();
    List<Ticket> over = new ArrayList<>();
    for (int i = 0; i < MOST_LOOKED_AT && !queue.isEmpty() && !load.batch.isFull(); i++) {
      Ticket ticket = queue.remove();
      boolean isOver = !isLane() && load.batch.setsOf(ticket.state()) >= SHARE_OF_A_STATE;
      if (isOver) {
        over.add(ticket);
      } else if (!mayJoin(leader, ticket, isHalf) || !load.add(ticket)) {
        left.add(ticket);
      }
    }
    over.removeIf(load::add);
    putBack(left);
    putBack(over);
    underWay.addAll(load.batch.states());
    countFree();
    return load;
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

  /** In front, as before. */
  private void putBack(List<Ticket> tickets) {
    for (int i = tickets.size() - 1; i >= 0; i--) {
      queue.addFirst(tickets.get(i));
    }
  }

  /** What goes in one message. */
  static final class Load {

    final Line line;
    final List<Ticket> tickets = new ArrayList<>();
    final Batch batch = new Batch();

    /** Whether it is one change set, sent by a statement of its own, which waits for the lock. */
    boolean isAlone;

    /** Whether its lane is at work for a turn, and not for as long as it takes. */
    boolean isInTurn;

    /** Whether that turn was over before the state could be had. */
    boolean wasInVain;

    /** The session that it was sent on; null before it was. */
    @Nullable
    ServerSession sentOn;

    private Load(Line line, Ticket leader) {
      this.line = line;
      add(leader);
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
