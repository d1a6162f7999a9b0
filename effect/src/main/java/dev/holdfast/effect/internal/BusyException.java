package dev.holdfast.effect.internal;

/** Somebody else writes to the journal for so long that a connection must not wait for him. The database transaction is to be run again. */
final class BusyException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  BusyException() {
    super("Somebody else is writing the journal of this effect transaction", null, false, false);
  }
}
