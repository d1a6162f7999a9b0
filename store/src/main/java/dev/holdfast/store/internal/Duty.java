package dev.holdfast.store.internal;

import java.sql.SQLException;

/** What the thread of a {@link Ticket} has to do when it wakes up. */
sealed interface Duty {

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

  /** To return. */
  record Return(WriteOutcome outcome) implements Duty {}

  /** To throw. */
  record Throw(RuntimeException failure) implements Duty {}

  /** To wait in the lane of its state, which is locked elsewhere or missing. */
  record TakeLane() implements Duty {}

  /** To wait for the next message. */
  record TakeNext() implements Duty {}
}
