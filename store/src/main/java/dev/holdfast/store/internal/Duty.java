package dev.holdfast.store.internal;

import dev.holdfast.store.internal.Line.Load;
import java.sql.SQLException;

/** What the thread of a {@link Ticket} has to do when it wakes up. */
sealed interface Duty {

  /** There before anybody has to lead in want of memory. */
  Duty LEAD = new Lead();

  Duty SEND_ALONE = new SendAlone();

  /** To send what has queued up. */
  record Lead() implements Duty {}

  /** To send its own change set alone, because a message of several failed as a whole. */
  record SendAlone() implements Duty {}

  /**
   * To find out what became of its own change set.
   *
   * @param session the session that was lost
   * @param failure how
   * @param byInterrupt whether the thread that had sent it was interrupted, or came to grief; then the loss is that thread's affair only
   */
  record Resolve(ServerSession session, SQLException failure, boolean byInterrupt)
      implements Duty {}

  /** The same when the thread that had sent it came to grief. */
  record ResolveUnanswered(Load load) implements Duty {}

  /** To return. */
  record Return(WriteOutcome outcome) implements Duty {}

  /** To throw. */
  record Throw(RuntimeException failure) implements Duty {}

  /** To wait in the lane of its state, which is locked elsewhere or missing. */
  record TakeLane() implements Duty {}

  /** To wait for the next message. */
  record TakeNext() implements Duty {}
}
