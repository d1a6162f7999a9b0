package dev.holdfast.store.history;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where a change comes from. Immutable.
 *
 * @param actor who made it, null when not stated
 * @param reason why, null when not stated
 * @param changedAt database time of the version, strictly increasing from version to version
 * @param transactionId the call or transaction that made it; the same in all states that it changed
 * @param effectId the effect transaction that made it in a step, or undid a step by it; null for every other change
 */
public record Origin(
    @Nullable String actor,
    @Nullable String reason,
    Instant changedAt,
    UUID transactionId,
    @Nullable UUID effectId) {

  /** The same with another reason. */
  public Origin withReason(@Nullable String other) {
    return new Origin(actor, other, changedAt, transactionId, effectId);
  }
}
