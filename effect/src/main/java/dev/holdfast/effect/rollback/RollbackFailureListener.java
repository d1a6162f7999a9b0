package dev.holdfast.effect.rollback;

import dev.holdfast.effect.EffectId;
import java.util.List;

/**
 * Learns of rollback failures. Called after they are durable, in the thread that rolled back, once per effect transaction or failed scope;
 * when a process dies before the call returned, another calls again, at the latest before it settles one of them. A process does not call again while
 * a call of its own takes long, but another one does after a lease. What it throws is logged and recorded with the failures, and changes
 * nothing else. Must be safe for use by multiple threads.
 */
@FunctionalInterface
public interface RollbackFailureListener {

  /** Some compensations failed. */
  void onRollbackFailure(EffectId effect, List<RollbackFailure> failures) throws Exception;
}
