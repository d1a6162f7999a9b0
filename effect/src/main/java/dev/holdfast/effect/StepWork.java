package dev.holdfast.effect;

import dev.holdfast.store.transaction.Transaction;

/** A step that returns nothing, see {@link EffectTransaction#step(String, StepWork)}. */
@FunctionalInterface
public interface StepWork {

  /** Does the work in a database transaction; may be run again when the database could not serialize it. */
  void run(Transaction transaction) throws Exception;
}
