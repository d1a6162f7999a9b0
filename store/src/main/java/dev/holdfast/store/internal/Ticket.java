package dev.holdfast.store.internal;

import dev.holdfast.store.internal.Line.Load;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A change set on its way through {@link GroupCommit}, and the thread that waits for it. The line and the place in it change under the lock
 * of the group commit; the waiting thread reads what it has to do next without.
 */
final class Ticket {

  final ChangeSet set;
  final long deadline;
  private final Thread thread = Thread.currentThread();

  /** Room that it takes up in the queues; 0 once it was sent. */
  int permits;

  volatile @Nullable Line line;

  /** The message that it is taken for; null while it is queued. */
  @Nullable
  Load load;

  /** Whether nobody waits for it any more. */
  boolean isAbandoned;

  /** What the thread has to do; null while there is nothing but to wait, queued or sent. */
  private volatile @Nullable Duty duty;

  /** A ticket of the calling thread. */
  Ticket(ChangeSet set, int permits, long deadline) {
    this.set = set;
    this.permits = permits;
    this.deadline = deadline;
  }

  UUID state() {
    return set.stateUuid();
  }

  /** Whether the states fall into the same half of all states. */
  boolean isOfSameHalf(Ticket other) {
    return ((state().getLeastSignificantBits() ^ other.state().getLeastSignificantBits()) & 1) == 0;
  }

  Line line() {
    return Objects.requireNonNull(line);
  }

  @Nullable
  Duty duty() {
    return duty;
  }

  /** Gives the thread something to do and wakes it. */
  void assign(@Nullable Duty next) {
    duty = next;
    if (next != null) {
      wake();
    }
  }

  /** Tells the thread what became of it. */
  void settle(Duty last) {
    load = null;
    assign(last);
  }

  /** Has the thread see anew what it waits for. */
  @SuppressWarnings("ReferenceEquality") // The very thread is meant.
  void wake() {
    if (thread != Thread.currentThread()) {
      LockSupport.unpark(thread);
    }
  }
}
