package dev.holdfast.effect.rollback;

import dev.holdfast.effect.EffectId;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The durable record of a compensation that failed, as it was read. Immutable.
 *
 * @param id its identity, the same in every process
 * @param effect the effect transaction
 * @param operation what could not be undone
 * @param status how it stands
 * @param problem why
 * @param history how often and when
 * @param settlement how a person settled it; null when nobody did
 */
public record RollbackFailure(
    UUID id,
    EffectId effect,
    Operation operation,
    RollbackFailureStatus status,
    Problem problem,
    History history,
    @Nullable Settlement settlement) {

  /** How a person settled it; empty when it is open, or a retry settled it. */
  public Optional<Settlement> settled() {
    return Optional.ofNullable(settlement);
  }

  /** The key by which the outside system knows the operation, see {@link dev.holdfast.effect.handler.EffectContext#idempotencyKey()}. */
  public String idempotencyKey() {
    return effect.uuid() + "/" + operation.position();
  }

  /**
   * The operation that could not be undone.
   *
   * @param position where it stands in its transaction, such as 3 or 3.1
   * @param name name of the handler or step
   * @param request what was asked, as JSON; null for a step
   * @param response what was answered, as JSON; null when nothing was, or it is not known
   */
  public record Operation(
      String position,
      String name,
      @Nullable String request,
      @Nullable String response) {

    /** Names the operation; request and response may hold what must not be shown. */
    @Override
    public String toString() {
      return "Operation[position=" + position + ", name=" + name + "]";
    }
  }

  /**
   * Why it could not be undone.
   *
   * @param code for programs
   * @param message of the newest failure
   * @param exceptionChain the newest failure with all its causes, one a line
   */
  public record Problem(RollbackFailureCode code, String message, String exceptionChain) {}

  /**
   * How often and when.
   *
   * @param attempts how often compensation was attempted, retries included
   * @param failedAt database time of the first failure
   * @param changedAt database time of the status
   */
  public record History(int attempts, Instant failedAt, Instant changedAt) {}

  /**
   * How a person settled it.
   *
   * @param actor who
   * @param note what that person said
   */
  public record Settlement(String actor, String note) {}
}
