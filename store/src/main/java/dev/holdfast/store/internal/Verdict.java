package dev.holdfast.store.internal;

/** What a message that carried several change sets says of one of them. */
sealed interface Verdict {

  /** It is settled. */
  record Settled(WriteOutcome outcome) implements Verdict {}

  /** Nothing was written for it, and it has to be sent again. */
  enum Again implements Verdict {
    /** The row of its state is locked elsewhere, or missing. */
    HELD,
    /** It follows appends of the same message that were stored in a way that it cannot build on, or the turn of its lane is over. */
    LATER
  }
}
