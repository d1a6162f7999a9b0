package dev.holdfast.effect.handler;

import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.internal.FailureFacts;
import dev.holdfast.store.StateId;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.JacksonCodec;
import dev.holdfast.store.json.internal.TextRules;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The implementation of a remote operation: how it is performed, compensated and reconciled, and how much is asked of it. Immutable: every
 * method returns a new handler. Safe for use by multiple threads if the given functions are.
 *
 * <pre>{@code
 * EffectHandler.of("flight.book", BookFlight.class, Booking.class)
 *     .perform((context, request) -> airline.book(request, context.idempotencyKey()))
 *     .compensate((context, request, booking) -> airline.cancel(booking.id(), context.idempotencyKey()));
 * }</pre>
 *
 * <p>Requests and responses are recorded as JSON, so that any process with a handler of the same name can compensate.
 *
 * @param <Q> the type of requests
 * @param <S> the type of responses
 */
public final class EffectHandler<Q, S> {

  private static final int MAX_CAUSES = 100;
  private static final int DEFAULT_CONCURRENT_CALLS = 100;

  private final String name;
  private final Class<Q> requestType;
  private final Codec<Q> requests;
  private final Codec<S> responses;
  private @Nullable Perform<Q, S> perform;
  private @Nullable Compensate<Q, S> compensate;
  private @Nullable CompensateByRequest<Q> compensateByRequest;
  private @Nullable Reconcile<Q, S> reconcile;
  private @Nullable Duration timeout;
  private int concurrentCalls = DEFAULT_CONCURRENT_CALLS;
  private @Nullable RetryPolicy retry;
  private @Nullable RetryPolicy compensationRetry;
  private @Nullable BreakerPolicy breaker;
  private @Nullable Validation<? super Q> requestValidation;
  private @Nullable Validation<? super @Nullable S> responseValidation;
  private @Nullable HandlerLifecycle lifecycle;
  private Predicate<? super Throwable> uncertain = EffectHandler::isUncertainByDefault;

  private EffectHandler(String name, Class<Q> requestType, Codec<Q> requests, Codec<S> responses) {
    this.name = TextRules.requireText("name of the handler", name, StateId.MAX_BYTES);
    this.requestType = requestType;
    this.requests = requests;
    this.responses = responses;
  }

  private EffectHandler(EffectHandler<Q, S> other) {
    this(other.name, other.requestType, other.requests, other.responses);
    this.perform = other.perform;
    this.compensate = other.compensate;
    this.compensateByRequest = other.compensateByRequest;
    this.reconcile = other.reconcile;
    this.timeout = other.timeout;
    this.concurrentCalls = other.concurrentCalls;
    this.retry = other.retry;
    this.compensationRetry = other.compensationRetry;
    this.breaker = other.breaker;
    this.requestValidation = other.requestValidation;
    this.responseValidation = other.responseValidation;
    this.lifecycle = other.lifecycle;
    this.uncertain = other.uncertain;
  }

  private EffectHandler<Q, S> with(Consumer<EffectHandler<Q, S>> change) {
    EffectHandler<Q, S> copy = new EffectHandler<>(this);
    change.accept(copy);
    return copy;
  }

  /**
   * A handler that does nothing yet.
   *
   * @param name 1 to 512 bytes, what operations call it by
   * @param request what it is asked, a type without type parameters that is recorded as JSON; there is always something that it is asked, so
   *     not {@code Void.class}
   * @param response what it answers, likewise; {@code Void.class} for nothing
   * @throws HoldfastException with {@link ErrorCode#INVALID_ARGUMENT} for such a request, and for a name that is none
   */
  public static <Q, S> EffectHandler<Q, S> of(String name, Class<Q> request, Class<S> response) {
    if (Void.class.equals(request)) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "Handler \"" + name + "\" is asked a java.lang.Void, of which there is none: it could"
              + " never be called; give it a record without components");
    }
    return new EffectHandler<>(name, request, JacksonCodec.of(request), JacksonCodec.of(response));
  }

  /** How it is done; required. */
  public EffectHandler<Q, S> perform(Perform<Q, S> function) {
    return with(copy -> copy.perform = function);
  }

  /** How it is undone. Without any compensation a completed operation stays as it is when its transaction is rolled back. */
  public EffectHandler<Q, S> compensate(Compensate<Q, S> function) {
    return with(copy -> {
      copy.compensate = function;
      copy.compensateByRequest = null;
    });
  }

  /** How it is undone without knowing what was answered, which also serves when it is not known whether it was done. */
  public EffectHandler<Q, S> compensate(CompensateByRequest<Q> function) {
    return with(copy -> {
      copy.compensateByRequest = function;
      copy.compensate = null;
    });
  }

  /** How one finds out whether it was done, when that is not known. */
  public EffectHandler<Q, S> reconcile(Reconcile<Q, S> function) {
    return with(copy -> copy.reconcile = function);
  }

  /**
   * How long one call may take before its thread is interrupted, 1 ms to 1 day; by default what the {@link HandlerSettings} say, which is
   * 30 seconds. A call that ignores the interrupt is waited for: to compensate it while it still runs would be a race.
   */
  public EffectHandler<Q, S> timeout(Duration limit) {
    HandlerSettings.requireTimeout("Handler \"" + name + "\"", limit);
    return with(copy -> copy.timeout = limit);
  }

  /** How many calls may be under way at once in this process, 1 to 1000, 100 by default; others wait in order. */
  public EffectHandler<Q, S> concurrentCalls(int calls) {
    if (calls < 1 || calls > 1000) {
      throw invalid("concurrentCalls is 1 to 1000, not " + calls);
    }
    return with(copy -> copy.concurrentCalls = calls);
  }

  /**
   * How often it is attempted before the operation fails; by default what the {@link HandlerSettings} say, which is once. Every attempt
   * carries the same idempotency key.
   */
  public EffectHandler<Q, S> retry(RetryPolicy policy) {
    return with(copy -> copy.retry = policy);
  }

  /**
   * How often compensation and reconciliation are attempted before that is a rollback failure; by default what the {@link HandlerSettings}
   * say, which is once.
   */
  public EffectHandler<Q, S> compensationRetry(RetryPolicy policy) {
    return with(copy -> copy.compensationRetry = policy);
  }

  /** A breaker around attempts to perform; by default what the {@link HandlerSettings} say, which is none. Compensations are always attempted. */
  public EffectHandler<Q, S> breaker(BreakerPolicy policy) {
    return with(copy -> copy.breaker = policy);
  }

  /**
   * Refuses requests before anything is written or called. A request that the journal has was accepted before and is not looked at again.
   */
  public EffectHandler<Q, S> validateRequest(Validation<? super Q> check) {
    return with(copy -> copy.requestValidation = check);
  }

  /**
   * Refuses responses: the operation throws, and is compensated with the response, for it was done. It should decide the same way every
   * time, for a recorded response is looked at again.
   */
  public EffectHandler<Q, S> validateResponse(Validation<? super @Nullable S> check) {
    return with(copy -> copy.responseValidation = check);
  }

  /** What is called before its first call and after its last. */
  public EffectHandler<Q, S> lifecycle(HandlerLifecycle startAndStop) {
    return with(copy -> copy.lifecycle = startAndStop);
  }

  /**
   * Which failures leave it open whether it was done. By default timeouts, interrupts, {@link IOException}s and {@link Error}s, also as
   * causes. Such an operation is reconciled or compensated when its transaction is rolled back; after any other failure nothing is undone.
   */
  public EffectHandler<Q, S> uncertainWhen(Predicate<? super Throwable> failures) {
    return with(copy -> copy.uncertain = failures);
  }

  private static boolean isUncertainByDefault(Throwable failure) {
    return FailureFacts.chain(failure, MAX_CAUSES).stream()
        .anyMatch(cause -> cause instanceof IOException
            || cause instanceof TimeoutException
            || cause instanceof InterruptedException
            || cause instanceof Error);
  }

  /** The name. */
  public String name() {
    return name;
  }

  /** The type of requests. */
  public Class<Q> requestType() {
    return requestType;
  }

  /** Turns requests into JSON and back. */
  public Codec<Q> requests() {
    return requests;
  }

  /** Turns responses into JSON and back. */
  public Codec<S> responses() {
    return responses;
  }

  /**
   * How it is done.
   *
   * @throws HoldfastException with {@link ErrorCode#CONFIGURATION} when that was not said
   */
  public Perform<Q, S> performRequired() {
    if (perform == null) {
      throw invalid("it does not say how it is performed");
    }
    return perform;
  }

  /** How it is undone with the response. */
  public Optional<Compensate<Q, S>> compensation() {
    return Optional.ofNullable(compensate);
  }

  /** How it is undone without the response. */
  public Optional<CompensateByRequest<Q>> compensationByRequest() {
    return Optional.ofNullable(compensateByRequest);
  }

  /** Whether it can be undone at all. */
  public boolean isCompensable() {
    return compensate != null || compensateByRequest != null;
  }

  /** How one finds out whether it was done. */
  public Optional<Reconcile<Q, S>> reconciliation() {
    return Optional.ofNullable(reconcile);
  }

  /** How long one call may take; empty for what the settings say. */
  public Optional<Duration> timeout() {
    return Optional.ofNullable(timeout);
  }

  /** How many calls may be under way at once in this process. */
  public int concurrentCalls() {
    return concurrentCalls;
  }

  /** How often it is attempted; empty for what the settings say. */
  public Optional<RetryPolicy> retry() {
    return Optional.ofNullable(retry);
  }

  /** How often compensation is attempted; empty for what the settings say. */
  public Optional<RetryPolicy> compensationRetry() {
    return Optional.ofNullable(compensationRetry);
  }

  /** The breaker around attempts to perform; empty for what the settings say. */
  public Optional<BreakerPolicy> breaker() {
    return Optional.ofNullable(breaker);
  }

  /** What refuses requests. */
  public Optional<Validation<? super Q>> requestValidation() {
    return Optional.ofNullable(requestValidation);
  }

  /** What refuses responses. */
  public Optional<Validation<? super @Nullable S>> responseValidation() {
    return Optional.ofNullable(responseValidation);
  }

  /** What is called before its first call and after its last. */
  public Optional<HandlerLifecycle> lifecycle() {
    return Optional.ofNullable(lifecycle);
  }

  /** Whether a failure leaves it open whether it was done. */
  public boolean isUncertain(Throwable failure) {
    return uncertain.test(failure);
  }

  private HoldfastException invalid(String message) {
    return new HoldfastException(ErrorCode.CONFIGURATION, "Handler \"" + name + "\": " + message);
  }

  @Override
  public String toString() {
    return "EffectHandler[" + name + "]";
  }
}
