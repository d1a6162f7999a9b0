package dev.holdfast.effect.internal;

import dev.holdfast.effect.rollback.RollbackFailureCode;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A rollback failure as it is first written. Immutable.
 *
 * @param pauseMillis after which it is retried by itself; null for never
 */
record FailureRow(
    Position position,
    RollbackFailureCode code,
    FailureText text,
    int attempts,
    @Nullable Long pauseMillis) {

  /** The identity of the failure of an operation; there is one at most. */
  static UUID id(UUID effectId, Position position) {
    return UUID.nameUUIDFromBytes((effectId + "/" + position).getBytes(StandardCharsets.UTF_8));
  }
}
