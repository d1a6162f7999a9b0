package dev.holdfast.examples.airline;

/** Is told what a replay has committed, in the thread that did it. Safe for use by multiple threads. */
interface ReplayListener {

  /** A reservation got the fields that it has before the first run touches it. */
  default void seeded(String state) {}

  /** The reservation service has done something, and the journal does not know yet. */
  default void called(String operation) {}

  /** The effect transaction of a tool call is committed, and its run does not know yet. */
  default void shared(SharedWrite write) {}

  /** A message is committed. */
  default void appended(RecordedRun run, int position, long nanos) {}

  /** All messages of a run are there. */
  default void finished(RecordedRun run) {}
}
