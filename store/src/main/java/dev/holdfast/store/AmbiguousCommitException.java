package dev.holdfast.store;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The connection was lost while a write was under way, and the database could not be asked in time whether it was committed. The write may
 * or may not be there: look for {@link #transactionId()} in the history of the state before repeating it.
 */
public final class AmbiguousCommitException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  private final UUID transactionId;

  /** The state is null for a transaction that changed no state, but perhaps tables of the caller's own. */
  AmbiguousCommitException(@Nullable StateId state, UUID transactionId, Throwable cause) {
    super(
        ErrorCode.AMBIGUOUS_COMMIT,
        "The connection was lost while "
            + (state == null ? "a transaction was committed" : "state " + state + " was written")
            + "; whether transaction "
            + transactionId + " was committed could not be found out",
        Map.of("state", state == null ? "-" : state.toString(), "transactionId", transactionId),
        cause);
    this.transactionId = transactionId;
  }

  /** The id that the change set carries in history if it was committed. */
  public UUID transactionId() {
    return transactionId;
  }
}
