package dev.holdfast.store;

import dev.holdfast.store.internal.ChangeSet;
import dev.holdfast.store.internal.WriteOutcome;

/** Writes change sets outside transactions. */
@FunctionalInterface
interface Writes {

  /** Writes one and waits until it is durable; see {@link dev.holdfast.store.internal.GroupCommit#write}. */
  WriteOutcome write(ChangeSet set);
}
