package dev.holdfast.effect.rollback;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.internal.FailureDesk;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The compensations that failed, of all processes. When the last one of an effect transaction is settled, that becomes RESOLVED. Safe for
 * use by multiple threads; every method blocks while the database answers.
 */
public final class RollbackFailures {

  private final FailureDesk desk;

  /** Made by {@link dev.holdfast.effect.Effects}, which hands it out. */
  public RollbackFailures(FailureDesk desk) {
    this.desk = desk;
  }

  /** The oldest 1,000 that are not settled, those that are being retried included. */
  public List<RollbackFailure> open() {
    return open(RollbackFailureQuery.all());
  }

  /**
   * The oldest that are not settled, those that are being retried included.
   *
   * @param limit at most so many, 1 to 10,000
   */
  public List<RollbackFailure> open(int limit) {
    return open(RollbackFailureQuery.all().limit(limit));
  }

  /** A page of those that are not settled, those that are being retried included, oldest first. */
  public List<RollbackFailure> open(RollbackFailureQuery query) {
    return desk.open(query);
  }

  /** All of one effect transaction, settled or not, in the order in which compensation was attempted. */
  public List<RollbackFailure> of(String name, String id) {
    return desk.of(new EffectId(name, id));
  }

  /** One of them. */
  public Optional<RollbackFailure> find(UUID id) {
    return desk.find(id);
  }

  /**
   * Compensates once more, in the calling thread, with the idempotency key of the operation. While it is under way its lease is renewed, so that
   * nobody else does the same however long it takes.
   *
   * @return how it stands then: resolved, or open with the new problem
   * @throws HoldfastException with {@link ErrorCode#INVALID_ARGUMENT} when there is none of this id or it is settled, and with {@link
   *     ErrorCode#EFFECT_RUNNING} when it is being retried elsewhere, and with {@link ErrorCode#STALE_LEASE} when this process gave no sign of life
   *     for as long as a lease and another has taken it: what came of this attempt was not recorded
   */
  public RollbackFailure retry(UUID id) {
    return desk.retry(id, null);
  }

  /** Compensates once more, asking something else than what is recorded, see {@link #retry}; what is asked is kept with the failure. */
  public RollbackFailure retryWith(UUID id, Object changedRequest) {
    return desk.retry(id, changedRequest);
  }

  /**
   * Leaves the operation as it is: nothing will be undone.
   *
   * @param note why, 1 to 10,000 bytes
   * @param actor who decided so, 1 to 512 bytes
   */
  public RollbackFailure skip(UUID id, String note, String actor) {
    return desk.settle(id, RollbackFailureStatus.SKIPPED, note, actor);
  }

  /**
   * Takes down that the operation was undone by other means.
   *
   * @param note how, 1 to 10,000 bytes
   * @param actor who says so, 1 to 512 bytes
   */
  public RollbackFailure resolve(UUID id, String note, String actor) {
    return desk.settle(id, RollbackFailureStatus.RESOLVED, note, actor);
  }
}
