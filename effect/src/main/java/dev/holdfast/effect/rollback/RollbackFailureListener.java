package dev.holdfast.effect.rollback;

import dev.holdfast.effect.EffectId;
import java.util.List;

/**
 * Learns of rollback failures. Called after they are durable: in the thread that rolled back, with those of the effect transaction or failed scope;
 * or before that, in the thread that retries or settles one of them, with those that there are by then. Each is told at least once: again by another
 * process when the first died before the call returned, or when its call takes longer than a lease, or than until the next retry. A process does not
 * call again for what a call of its own is still about. What it throws is logged and recorded with the failures, and changes nothing else. Must be safe
 * for use by multiple threads.
 */
@FunctionalInterface
public interface RollbackFailureListener {

  /** Some compensations failed. */
  void onRollbackFailure(EffectId effect, List<RollbackFailure> failures) throws Exception;
}
