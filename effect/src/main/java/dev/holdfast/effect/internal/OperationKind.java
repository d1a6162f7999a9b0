package dev.holdfast.effect.internal;

/** What an operation is. */
enum OperationKind {
  /** A call of a handler. */
  REMOTE,
  /** A database transaction. */
  STEP,
  /** A part that can fail by itself. */
  SCOPE
}
