package dev.holdfast.store.internal;

import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of a {@link GroupCommit}: a queue for each state that is locked elsewhere, or that has to be made. A lane is at work, waiting for
 * its lock on a connection of its own, or it rests.
 *
 * <p>As many as a few connections are worth wait without a bound. While they do, nothing else that is sent may wait as well, and those that
 * rest must not depend on them: one whose state is known to be there goes back to the main line after a pause and is tried again in the next
 * message; one whose state may be missing, which only a statement that waits can make, gets a turn of bounded length at one more connection.
 *
 * <p>Guarded by the lock of the group commit.
 */
final class Lanes {

  /** So many wait for their locks without a bound; one more has a turn. */
  private static final int MOST_WAITERS = 3;

  /** How long a lane rests before its state is tried again: a part of the time that its first has waited, within bounds. */
  private static final long SHORTEST_REST = Duration.ofMillis(50).toNanos();

  private static final long LONGEST_REST = Duration.ofMillis(400).toNanos();

  private static final int PART_OF_WAIT = 4;

  private final Line main;
  private final KnownStates known;
  private final long patience;
  private final Map<UUID, Line> lanes = new HashMap<>();
  private final Set<Line> resting = new LinkedHashSet<>();
  private int waiters;

  /** The lane that is at work for a turn; null when there is none. */
  private @Nullable Line turn;

  /**
   * None yet.
   *
   * @param main where everything begins that has no lane
   * @param patience how long a change set may be queued
   */
  Lanes(Line main, KnownStates known, Duration patience) {
    this.main = main;
    this.known = known;
    this.patience = patience.toNanos();
  }

  /** The line that change sets of a state queue up in. */
  Line lineOf(UUID state) {
    return lanes.getOrDefault(state, main);
  }

  /** Whether what a line sends next may wait for its lock for as long as it takes. */
  boolean mayWait(Line line) {
    return line.isLane() ? !hasTurn(line) : waiters < MOST_WAITERS;
  }

  /** Whether a lane is at work for a turn, and not for as long as it takes. */
  boolean hasTurn(Line line) {
    return line.equals(turn);
  }

  /** From now on what is on its way alone from the main line is at work in a lane. */
  void begin(Ticket sent) {
    UUID state = sent.state();
    List<UUID> ended = List.of(state);
    Line lane = new Line(state);
    lane.begin(state);
    open(lane, state);
    waiters++;
    sent.line = lane;
    main.end(ended);
  }

  /** Puts a change set that was left out of a message in front of its lane. */
  Line take(Ticket ticket) {
    UUID state = ticket.state();
    Line lane = lanes.get(state);
    if (lane == null) {
      lane = new Line(state);
      open(lane, state);
      rest(lane, !known.contains(state));
    }
    lane.addFirst(ticket);
    return lane;
  }

  /** All or nothing: a lane of which nobody knows would never be led. */
  private void open(Line lane, UUID state) {
    boolean isOpen = false;
    try {
      lanes.put(state, lane);
      main.moveTo(lane, state);
      isOpen = true;
    } finally {
      if (!isOpen) {
        lanes.remove(state);
      }
    }
  }

  private void rest(Line lane, boolean mayBeMissing) {
    lane.mayBeMissing = mayBeMissing;
    lane.restsSince = System.nanoTime();
    resting.add(lane);
    lane.wakeFirst();
  }

  /** A change set was taken back. A lane at work is closed by its leader. */
  void closeIfEmpty(Line line) {
    if (line.isEmpty() && resting.remove(line)) {
      lanes.remove(line.state);
    }
  }

  /**
   * How long the thread of a change set in a lane may park, in nanoseconds. The first in one that has rested long enough brings all of it back
   * to the main line.
   */
  long untilReturn(Ticket ticket) {
    Line lane = ticket.line();
    if (!lane.isFirst(ticket) || lane.mayBeMissing || !resting.contains(lane)) {
      return Long.MAX_VALUE;
    }
    long waited = lane.restsSince - (ticket.deadline - patience);
    long rest = Math.min(LONGEST_REST, Math.max(SHORTEST_REST, waited / PART_OF_WAIT));
    long left = lane.restsSince + rest - System.nanoTime();
    if (left <= 0) {
      bringBack(lane);
      resting.remove(lane);
    }
    return Math.max(0, left);
  }

  private void bringBack(Line lane) {
    lane.moveTo(main, Objects.requireNonNull(lane.state));
    lanes.remove(lane.state);
    // It may have gone to rest for long, and what is sent alone must be watched.
    main.wakeFirst();
    main.handOn();
  }

  /** After a message of a lane: one that is empty is closed, one whose place nobody waits for goes on, and any other makes room. */
  void leavePlace(Line lane, boolean wasInVain) {
    boolean hadTurn = hasTurn(lane);
    if (!hadTurn && !lane.isEmpty() && resting.isEmpty()) {
      lane.callFirst();
      return;
    }
    if (hadTurn) {
      turn = null;
    } else {
      waiters--;
    }
    if (lane.isEmpty()) {
      lanes.remove(lane.state);
    } else if (wasInVain) {
      // Somebody else has the state, or is making it.
      rest(lane, false);
    } else if (hadTurn || known.contains(Objects.requireNonNull(lane.state))) {
      // It had the lock until now, so the state is free most likely.
      bringBack(lane);
    } else {
      rest(lane, true);
    }
  }

  /** Puts lanes that rest to work, as far as there are places, in turns. */
  void start() {
    for (Iterator<Line> lines = resting.iterator(); lines.hasNext(); ) {
      Line lane = lines.next();
      if (waiters < MOST_WAITERS) {
        waiters++;
      } else if (turn != null) {
        return;
      } else if (lane.mayBeMissing) {
        turn = lane;
      } else {
        continue;
      }
      lines.remove();
      lane.callFirst();
    }
  }
}
