package dev.holdfast.store.activity;

/** What kind of thing is done. New kinds may be added in any release. */
public enum ActivityKind {
  /** A call of a state that goes to the database, within a transaction or not; its name is that of the call. */
  STATE_OPERATION,
  /** A transaction with all its attempts; its name is its isolation level. */
  TRANSACTION,
  /** A run of the body of an effect transaction with what follows it; its name is that of the effect transaction. */
  EFFECT,
  /** Compensating all that an effect transaction did; its name is that of the effect transaction. */
  ROLLBACK,
  /** One attempt of a handler to perform; its name is that of the handler. */
  PERFORM,
  /** One attempt of a handler to compensate; its name is that of the handler. */
  COMPENSATE,
  /** One attempt of a handler to find out what became of an operation; its name is that of the handler. */
  RECONCILE,
  /** A step of an effect transaction; its name is that of the step. */
  STEP
}
