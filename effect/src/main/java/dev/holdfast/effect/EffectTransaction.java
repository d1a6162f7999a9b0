package dev.holdfast.effect;

import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.store.transaction.TransactionWork;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operations of an effect transaction. Each is journaled: that it will be attempted is durable before it is, and its outcome before
 * the next one begins. Confined to the thread that runs the body, and to the time while it runs; other use is refused, and so is use within
 * the work of a step. Every call blocks, and holds no connection while a handler runs.
 *
 * <p>An operation that fails throws {@link EffectFailedException}. A body may catch it and go on; what reaches the caller of the body
 * rolls back.
 */
public interface EffectTransaction {

  /** Which effect transaction this is. */
  EffectId effect();

  /** How often a run took over, this one included; raised by one each time. */
  long epoch();

  /**
   * Calls a handler, once: a completed operation is answered from the journal when the body runs again.
   *
   * @param handler the name of a registered handler
   * @param request of the handler's request type
   * @param <S> the handler's response type
   * @return what the handler answered
   * @throws EffectFailedException when it failed, with what it threw as the cause
   * @throws dev.holdfast.error.HoldfastException with {@link dev.holdfast.error.ErrorCode#HANDLER_MISSING} when there is no such handler,
   *     or with {@link dev.holdfast.error.ErrorCode#INVALID_ARGUMENT} when the request is of another type; nothing was called
   */
  @SuppressWarnings("TypeParameterUnusedInFormals") // Only the caller can know the type.
  <S> S perform(String handler, Object request);

  /** Calls a handler by its typed object, which must be the one that is registered; see {@link #perform(String, Object)}. */
  <Q, S> S perform(EffectHandler<Q, S> handler, Q request);

  /**
   * Runs work in a database transaction of its own that is committed together with its outcome, so exactly once. When the effect
   * transaction is rolled back, every key that it changed is restored, see {@link Compensation#restore()}. The work may run several times, as that of
   * every transaction may, and also when another branch kept the journal for long; only what its last run wrote is committed.
   *
   * @throws EffectFailedException when the work threw; nothing of it was committed
   */
  default void step(String name, StepWork work) {
    step(name, Compensation.restore(), work);
  }

  /** A step with a compensation of its own, see {@link #step(String, StepWork)}. */
  void step(String name, Compensation compensation, StepWork work);

  /** A step that returns something, which is recorded, see {@link #step(String, StepWork)}. */
  default <T extends @Nullable Object> T step(
      String name, Class<T> type, TransactionWork<T, Exception> work) {
    return step(name, type, Compensation.restore(), work);
  }

  /** A step that returns something and has a compensation of its own, see {@link #step(String, StepWork)}. */
  <T extends @Nullable Object> T step(
      String name, Class<T> type, Compensation compensation, TransactionWork<T, Exception> work);

  /**
   * A part that can fail by itself: when it throws, what it did is compensated, last-in first-out, and the caller may go on. While it
   * runs, use the transaction that it is given.
   *
   * @throws EffectFailedException when it failed and was undone
   * @throws EffectRollbackException when it failed and some of it could not be undone
   */
  <T extends @Nullable Object> T scope(String name, EffectBody<T> body);

  /**
   * A scope whose branches run at the same time, each in a thread and with operations of its own. When one fails, the others are
   * interrupted and waited for, and what all of them did is compensated.
   *
   * @return what the branches returned, in their order
   */
  <T extends @Nullable Object> List<T> parallel(
      String name, List<? extends EffectBody<T>> branches);
}
