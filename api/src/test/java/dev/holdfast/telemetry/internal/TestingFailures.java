package dev.holdfast.telemetry.internal;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectRollbackException;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.effect.rollback.RollbackFailureCode;
import dev.holdfast.effect.rollback.RollbackFailureStatus;
import java.time.Instant;
import java.util.Collections;
import java.util.UUID;

/** Failures as effect transactions throw them. */
final class TestingFailures {

  private TestingFailures() {}

  static EffectRollbackException rollback(int failures) {
    EffectId effect = new EffectId("book-trip", "1");
    RollbackFailure failure = new RollbackFailure(
        new UUID(0, 1),
        effect,
        new RollbackFailure.Operation("1", "flight.book", "{}", "{}"),
        RollbackFailureStatus.OPEN,
        new RollbackFailure.Problem(RollbackFailureCode.COMPENSATION_FAILED, "no", "no"),
        new RollbackFailure.History(1, Instant.EPOCH, Instant.EPOCH),
        null);
    return new EffectRollbackException(effect, "why", Collections.nCopies(failures, failure), null);
  }
}
