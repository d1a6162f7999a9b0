package dev.holdfast.error;

/** What went wrong, as a stable name for programs, logs and metrics. New codes may be added in any release. */
public enum ErrorCode {
  /** An argument breaks a stated rule; nothing was read or written. */
  INVALID_ARGUMENT,
  /** A value cannot be encoded as JSON, or stored JSON cannot be read as the type asked for. */
  CODEC,
  /** A value breaks a rule that was given for its key; nothing was written. */
  VALIDATION,
  /** The state is not at the version, or the key not at the value, that the write was made for. */
  CONFLICT,
  /** A required key is absent. */
  KEY_ABSENT,
  /** A stored value has another JSON type than the operation needs, say text where {@code append} needs an array. */
  VALUE_TYPE,
  /** A version that does not exist: negative or in the future. */
  VERSION,
  /** A version that existed but was cleared from history. */
  VERSION_CLEARED,
  /** A name that no version of the state has. */
  TAG_ABSENT,
  /** What was to be made is there already: a tag of this name, or the state that a fork was to make. */
  ALREADY_EXISTS,
  /** A row lock was not granted in time. */
  LOCK_TIMEOUT,
  /** A passing failure of the database; nothing was written and the call can be repeated. */
  TRANSIENT,
  /** A circuit breaker is open, so the call was not made; it may be repeated later. */
  BREAKER_OPEN,
  /** An operation, or a whole effect transaction, failed; what had been done was compensated. */
  EFFECT_FAILED,
  /** An effect transaction failed, and some of what it had done could not be compensated. */
  EFFECT_ROLLBACK_FAILURE,
  /** The effect transaction is under way elsewhere. */
  EFFECT_RUNNING,
  /** A body that runs again does not do what its journal says. */
  EFFECT_MISMATCH,
  /** Another process took over what this one had a lease of. */
  STALE_LEASE,
  /** There is no handler of the name asked for. */
  HANDLER_MISSING,
  /**
   * A transaction was used in a way that cannot work: by another thread, after its end, for what it cannot do, or beside the store itself on
   * the same state.
   */
  TRANSACTION_MISUSE,
  /** The connection was lost while a write was under way and it could not be found out whether it was committed. */
  AMBIGUOUS_COMMIT,
  /** The database cannot be reached, or refuses the user. */
  UNREACHABLE,
  /** The database user lacks a privilege. */
  PERMISSION,
  /** The tables are missing, older or newer than this library, or damaged. */
  SCHEMA,
  /** The configuration is wrong or incomplete. */
  CONFIGURATION,
  /** Contracts are wrong: a file cannot be read, or a field breaks its rule or asks for what is not there. */
  CONTRACT_VIOLATION,
  /** A computation threw; its cause says what. */
  COMPUTATION_FAILED,
  /** A cached computation waits for itself: it asked for its own key. */
  CACHE_MISUSE,
  /** The object was closed. */
  CLOSED,
  /** Any other failure of the database. */
  DATABASE
}
