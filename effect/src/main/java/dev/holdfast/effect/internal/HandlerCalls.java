package dev.holdfast.effect.internal;

import dev.holdfast.effect.breaker.BreakerOpenException;
import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.HandlerSettings;
import dev.holdfast.effect.registry.Candidate;
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
  private final HandlerSettings settings;
  private final Lifecycles lifecycles;
  private final Map<String, Slots> slots = new ConcurrentHashMap<>();
  private final @Nullable Semaphore all;

  HandlerCalls(
      ScheduledExecutorService timer,
      Breakers breakers,
      CallCounters counters,
      HandlerSettings settings,
      Lifecycles lifecycles) {
    this.timer = timer;
    this.breakers = breakers;
    this.counters = counters;
    this.settings = settings;
    this.lifecycles = lifecycles;
    this.all = settings.concurrentCalls().isPresent()
        ? new Semaphore(settings.concurrentCalls().getAsInt(), true)
        : null;
  }

  /** Attempts to perform; the breaker of the handler may refuse. */
  <T extends @Nullable Object> T perform(Candidate candidate, Work<T> work)
      throws CallFailedException {
    return attempts(candidate, candidate.handler().retry().orElse(settings.retry()), work, true);
  }

  /** Attempts to compensate or reconcile; no breaker refuses. */
  <T extends @Nullable Object> T compensate(Candidate candidate, Work<T> work)
      throws CallFailedException {
    RetryPolicy policy =
        candidate.handler().compensationRetry().orElse(settings.compensationRetry());
    return attempts(candidate, policy, work, false);
  }

  private <T extends @Nullable Object> T attempts(
      Candidate candidate, RetryPolicy policy, Work<T> work, boolean guarded)
      throws CallFailedException {
    Attempts<T> attempts = new Attempts<>(candidate, slots(candidate), work, guarded);
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

  private Semaphore slots(Candidate candidate) {
    int calls = candidate.handler().concurrentCalls();
    Slots kept = slots.compute(
        candidate.id(),
        (id, before) -> before == null || before.calls() != calls ? Slots.of(calls) : before);
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

    private final Candidate candidate;
    private final EffectHandler<?, ?> handler;
    private final Semaphore slots;
    private final Work<T> work;
    private final boolean guarded;
    private int number;
    private boolean uncertain;

    Attempts(Candidate candidate, Semaphore slots, Work<T> work, boolean guarded) {
      this.candidate = candidate;
      this.handler = candidate.handler();
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
        if (guarded && e.name().equals(candidate.id())) {
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
      uncertain |= !(failure instanceof NotStartedException) && handler.isUncertain(failure);
      work.failed(number, failure);
      return failure;
    }

    private T inSlot() throws Exception {
      slots.acquire();
      try {
        return amongAll();
      } finally {
        slots.release();
      }
    }

    /** Who waits for a place of its own handler takes none of those that all share. */
    private T amongAll() throws Exception {
      if (all == null) {
        return guarded();
      }
      all.acquire();
      try {
        return guarded();
      } finally {
        all.release();
      }
    }

    private T guarded() throws Exception {
      Optional<BreakerPolicy> policy = handler.breaker().or(settings::breaker);
      return guarded && policy.isPresent()
          ? breakers.get(candidate.id(), policy.get()).call(this::timed)
          : timed();
    }

    private T timed() throws Exception {
      Callable<T> attempt = () -> lifecycles.call(candidate, () -> work.attempt(number));
      return TimeLimit.call(timer, handler.timeout().orElse(settings.timeout()), () -> {}, attempt);
    }
  }

  /** What all calls of one handler share; a handler that replaces another one of the same width goes on with it. */
  private record Slots(int calls, Semaphore free) {

    static Slots of(int calls) {
      return new Slots(calls, new Semaphore(calls, true));
    }
  }
}
