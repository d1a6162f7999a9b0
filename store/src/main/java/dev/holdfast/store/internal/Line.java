package dev.holdfast.store.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A queue of change sets: the main one, or the lane of one state. Guarded by the lock of the {@link GroupCommit}. */
final class Line {

  /** One state may take so much of a message while others wait. */
  private static final int SHARE_OF_A_STATE = 128;

  /** How far down the queue a leader looks for change sets that fit. */
  private static final int MOST_LOOKED_AT = 1024;

  /** The state of a lane, null for the main line. */
  final @Nullable UUID state;

  private final Deque<Ticket> queue = new ArrayDeque<>();

  boolean isLed;

  Line(@Nullable UUID state) {
    this.state = state;
  }

  boolean isLane() {
    return state != null;
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  void addLast(Ticket ticket) {
    ticket.line = this;
    queue.addLast(ticket);
  }

  void addFirst(Ticket ticket) {
    ticket.line = this;
    queue.addFirst(ticket);
  }

  boolean remove(Ticket ticket) {
    return queue.remove(ticket);
  }

  /** Moves what is queued for a state to its lane. */
  void moveTo(Line lane, UUID stateOfLane) {
    queue.removeIf(ticket -> {
      boolean moves = ticket.set.stateUuid().equals(stateOfLane);
      if (moves) {
        lane.addLast(ticket);
      }
      return moves;
    });
  }

  void callFirst() {
    isLed = true;
    queue.element().assign(new Duty.Lead());
  }

  /** Takes what fits into one message, oldest first, the leader's own in any case. */
  Load take(Ticket leader) {
    Load load = new Load(this);
    queue.remove(leader);
    load.add(leader);
    List<Ticket> left = new ArrayList<>();
    List<Ticket> over = new ArrayList<>();
    for (int i = 0; i < MOST_LOOKED_AT && !queue.isEmpty() && !load.batch.isFull(); i++) {
      Ticket ticket = queue.remove();
      boolean isOver = !isLane() && load.batch.setsOf(ticket.set.stateUuid()) >= SHARE_OF_A_STATE;
      if (isOver) {
        over.add(ticket);
      } else if (!load.add(ticket)) {
        left.add(ticket);
      }
    }
    over.removeIf(load::add);
    putBack(left);
    putBack(over);
    return load;
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

    private Load(Line line) {
      this.line = line;
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
