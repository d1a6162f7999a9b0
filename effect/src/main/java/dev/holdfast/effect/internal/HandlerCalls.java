package dev.holdfast.effect.internal;

import dev.holdfast.effect.breaker.BreakerOpenException;
import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.HandlerSettings;
import dev.holdfast.effect.registry.Candidate;
import dev.holdfast.effect.retry.Retry;
import dev.holdfast.effect.retry.RetryPolicy;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
    Attempts<T> attempts = new Attempts<>(candidate, policy, work, guarded);
    try {
      Answer<T> answer = Retry.of(policy).call(attempts::next);
      if (answer.rejection() != null) {
        throw new CallFailedException(attempts.after(answer.rejection()), attempts.uncertain);
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

    /** Refuses an attempt by throwing, which ends the call: nothing was attempted then, and nothing will be. */
    default void requireAllowed(int number) {}

    /** One attempt, counted from 1. */
    T attempt(int number) throws Exception;

    /** It failed; another may follow. */
    default void failed(int number, Throwable failure) {}
  }

  /**
   * What came of attempts.
   *
   * @param rejection when the breaker did not let the last one through, or it was not allowed
   */
  private record Answer<T extends @Nullable Object>(
      T value, @Nullable RuntimeException rejection) {}

  /** An attempt was not allowed. */
  private static final class NotAllowedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final RuntimeException reason;

    NotAllowedException(RuntimeException reason) {
      super(null, reason, false, false);
      this.reason = reason;
    }
  }

  /** The attempts of one call. Confined to one thread. */
  private final class Attempts<T extends @Nullable Object> {

    private final Candidate candidate;
    private final EffectHandler<?, ?> handler;
    private final Semaphore slots;
    private final Duration timeout;
    private final Work<T> work;
    private final boolean guarded;
    private int number;

    /** Whether the attempt got as far as the handler; what fails before has certainly done nothing. */
    private boolean entered;

    private boolean uncertain;
    private @Nullable Throwable last;

    Attempts(Candidate candidate, RetryPolicy policy, Work<T> work, boolean guarded) {
      this.candidate = candidate;
      this.handler = candidate.handler();
      this.slots = slots(candidate);
      this.timeout = timeout(policy, handler.timeout().orElse(settings.timeout()));
      this.work = work;
      this.guarded = guarded;
    }

    private static Duration timeout(RetryPolicy policy, Duration ofHandler) {
      return policy
          .attemptTimeout()
          .filter(ofPolicy -> ofPolicy.compareTo(ofHandler) < 0)
          .orElse(ofHandler);
    }

    /** A rejection with the failure of the attempt before it. */
    RuntimeException after(RuntimeException rejection) {
      if (last != null) {
        rejection.addSuppressed(last);
      }
      return rejection;
    }

    /** A rejection is an answer, because it must not be retried. */
    @SuppressWarnings("NullAway") // There is no value with a rejection.
    Answer<T> next() throws Exception {
      number++;
      entered = false;
      counters.attempt(number);
      try {
        return new Answer<>(inSlot(), null);
      } catch (NotAllowedException e) {
        return new Answer<>(null, e.reason);
      } catch (BreakerOpenException e) {
        // One of a breaker that the handler asks itself may have the same name.
        if (guarded && !entered && e.name().equals(candidate.id())) {
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
      last = failure;
      uncertain |= entered && isUncertain(failure);
      work.failed(number, failure);
      return failure;
    }

    /** A handler that cannot tell leaves it open, whatever keeps it from telling. */
    @SuppressWarnings("ReferenceEquality") // The very exception is meant; its class may compare.
    private boolean isUncertain(Throwable failure) {
      try {
        return handler.isUncertain(failure);
      } catch (RuntimeException | Error e) {
        if (e != failure) {
          failure.addSuppressed(e);
        }
        return true;
      }
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
      try {
        work.requireAllowed(number);
      } catch (RuntimeException e) {
        throw new NotAllowedException(e);
      }
      Optional<BreakerPolicy> policy = handler.breaker().or(settings::breaker);
      return guarded && policy.isPresent()
          ? breakers.get(candidate.id(), policy.get()).call(this::timed)
          : timed();
    }

    private T timed() throws Exception {
      return TimeLimit.call(
          timer, timeout, () -> {}, () -> lifecycles.call(candidate, this::entered));
    }

    private T entered() throws Exception {
      entered = true;
      return work.attempt(number);
    }
  }

  /** What all calls of one handler share; a handler that replaces another one of the same width goes on with it. */
  private record Slots(int calls, Semaphore free) {

    static Slots of(int calls) {
      return new Slots(calls, new Semaphore(calls, true));
    }
  }
}
