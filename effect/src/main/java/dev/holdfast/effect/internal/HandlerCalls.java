package dev.holdfast.effect.internal;

import dev.holdfast.effect.breaker.BreakerOpenException;
import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.retry.Retry;
import dev.holdfast.effect.retry.RetryPolicy;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Calls handlers within their limits: concurrency, timeout, retry and breaker. A slot is held for one attempt and not between two. Safe
 * for use by multiple threads.
 */
final class HandlerCalls {

  private final ScheduledExecutorService timer;
  private final Breakers breakers;
  private final CallCounters counters;
  private final Map<String, Slots> slots = new ConcurrentHashMap<>();

  HandlerCalls(ScheduledExecutorService timer, Breakers breakers, CallCounters counters) {
    this.timer = timer;
    this.breakers = breakers;
    this.counters = counters;
  }

  /** Attempts to perform; the breaker of the handler may refuse. */
  <T extends @Nullable Object> T perform(EffectHandler<?, ?> handler, Work<T> work)
      throws CallFailedException {
    return attempts(handler, handler.retry(), work, true);
  }

  /** Attempts to compensate or reconcile; no breaker refuses. */
  <T extends @Nullable Object> T compensate(EffectHandler<?, ?> handler, Work<T> work)
      throws CallFailedException {
    return attempts(handler, handler.compensationRetry(), work, false);
  }

  private <T extends @Nullable Object> T attempts(
      EffectHandler<?, ?> handler, RetryPolicy policy, Work<T> work, boolean guarded)
      throws CallFailedException {
    Attempts<T> attempts = new Attempts<>(handler, slots(handler), work, guarded);
    try {
      Answer<T> answer = Retry.of(policy).call(attempts::next);
      if (answer.rejection() != null) {
        throw new CallFailedException(answer.rejection(), attempts.uncertain);
      }
      return answer.value();
    } catch (CallFailedException e) {
      throw e;
    } catch (Throwable e) {
      throw new CallFailedException(e, attempts.uncertain);
    }
  }

  private Semaphore slots(EffectHandler<?, ?> handler) {
    Slots kept = slots.compute(
        handler.name(),
        (name, before) -> before == null || before.calls() != handler.concurrentCalls()
            ? Slots.of(handler)
            : before);
    return Objects.requireNonNull(kept).free();
  }

  /** What is to be attempted. */
  interface Work<T extends @Nullable Object> {

    /** One attempt, counted from 1. */
    T attempt(int number) throws Exception;

    /** It failed; another may follow. */
    default void failed(int number, Throwable failure) {}
  }

  /**
   * What came of attempts.
   *
   * @param rejection when the breaker did not let the last one through
   */
  private record Answer<T extends @Nullable Object>(
      T value, @Nullable BreakerOpenException rejection) {}

  /** The attempts of one call. Confined to one thread. */
  private final class Attempts<T extends @Nullable Object> {

    private final EffectHandler<?, ?> handler;
    private final Semaphore slots;
    private final Work<T> work;
    private final boolean guarded;
    private int number;
    private boolean uncertain;

    Attempts(EffectHandler<?, ?> handler, Semaphore slots, Work<T> work, boolean guarded) {
      this.handler = handler;
      this.slots = slots;
      this.work = work;
      this.guarded = guarded;
    }

    /** A rejection is an answer, because it must not be retried. */
    @SuppressWarnings("NullAway") // There is no value with a rejection.
    Answer<T> next() throws Exception {
      number++;
      counters.attempt(number);
      try {
        return new Answer<>(inSlot(), null);
      } catch (BreakerOpenException e) {
        if (guarded && e.name().equals(handler.name())) {
          counters.rejected();
          return new Answer<>(null, e);
        }
        throw failed(e);
      } catch (Exception e) {
        throw failed(e);
      } catch (Error e) {
        failed(e);
        throw e;
      }
    }

    private <F extends Throwable> F failed(F failure) {
      uncertain |= handler.isUncertain(failure);
      work.failed(number, failure);
      return failure;
    }

    private T inSlot() throws Exception {
      Optional<BreakerPolicy> policy = handler.breaker();
      slots.acquire();
      try {
        return guarded && policy.isPresent()
            ? breakers.get(handler.name(), policy.get()).call(this::timed)
            : timed();
      } finally {
        slots.release();
      }
    }

    private T timed() throws Exception {
      Callable<T> attempt = () -> work.attempt(number);
      return TimeLimit.call(timer, handler.timeout(), () -> {}, attempt);
    }
  }

  /** What all calls of one handler share; a handler that replaces another one of the same width goes on with it. */
  private record Slots(int calls, Semaphore free) {

    static Slots of(EffectHandler<?, ?> handler) {
      return new Slots(handler.concurrentCalls(), new Semaphore(handler.concurrentCalls(), true));
    }
  }
}
