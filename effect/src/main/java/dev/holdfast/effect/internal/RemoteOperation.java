package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.handler.EffectContext;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.Reconcile;
import dev.holdfast.effect.handler.Reconciliation;
import dev.holdfast.effect.handler.Validation;
import dev.holdfast.effect.registry.Candidate;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.internal.FailureFacts;
import dev.holdfast.store.activity.ActivityKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Performs a remote operation: intent, call, outcome. Used once, by one thread. */
final class RemoteOperation<Q, S> {

  private final Engine engine;
  private final Run run;
  private final Candidate candidate;
  private final EffectHandler<Q, S> handler;

  /** When the database last said that the lease is kept, in nanoseconds. */
  private long kept;

  /**
   * An operation.
   *
   * @param handler the candidate's, with its types
   */
  RemoteOperation(Engine engine, Run run, Candidate candidate, EffectHandler<Q, S> handler) {
    this.engine = engine;
    this.run = run;
    this.candidate = candidate;
    this.handler = handler;
  }

  @Nullable
  S perform(JournaledOperation operation, Q request, String json) {
    Optional<JournaledOperation> recorded =
        BodyEffect.recorded(run, operation.with(Part.REQUEST, json), Part.REQUEST);
    if (recorded.isEmpty()) {
      return call(intend(operation, json), request, false);
    }
    JournaledOperation before = recorded.get();
    return switch (before.status()) {
      case SUCCEEDED -> accepted(before, response(before));
      case FAILED -> throw BodyEffect.recordedFailure(run, before);
      case UNKNOWN -> {
        if (run.isAnswer() || run.hasGoneOnFrom(before.position())) {
          // What the body has made of the failure is recorded, and would not fit another outcome.
          throw BodyEffect.recordedFailure(run, before);
        }
        yield resume(before, request);
      }
      default -> throw BodyEffect.unanswerable(run, before);
    };
  }

  private JournaledOperation intend(JournaledOperation operation, String json) {
    JournalWrite write = new JournalWrite();
    JournaledOperation intended = operation.with(Part.REQUEST, json);
    String provider = HandlerKey.of(candidate).providerJson();
    if (provider != null) {
      write.payload(operation.position(), Part.PROVIDER, provider);
      intended = intended.with(Part.PROVIDER, provider);
    }
    flush(write.intent(intended));
    return intended;
  }

  private void flush(JournalWrite write) {
    long now = System.nanoTime();
    run.journal().flush(write);
    kept = now;
  }

  /** Whether there should have been a heartbeat since the lease was last found kept. */
  private boolean isLongAgo() {
    return System.nanoTime() - kept > Heartbeat.pause(run.journal().owner().lease());
  }

  /** What was done was done, so a response that is refused is recorded all the same, and refused again when it is answered again. */
  @SuppressWarnings("NullAway") // A validation of responses is told of null as well.
  private @Nullable S accepted(JournaledOperation operation, @Nullable S response) {
    Optional<Validation<? super @Nullable S>> validation = handler.responseValidation();
    if (engine.settings().isValidated() && validation.isPresent()) {
      try {
        validation.get().validate(response);
      } catch (Exception e) {
        Uninterrupted.handBack(e);
        engine.hideIn(e, List.of(operation));
        throw failure(operation, refused("response", handler, e));
      }
    }
    return response;
  }

  /** What the validation of a handler said of a request or a response. */
  static HoldfastException refused(String what, EffectHandler<?, ?> handler, Exception why) {
    return new HoldfastException(
        ErrorCode.INVALID_ARGUMENT,
        "The " + what + " of handler \"" + handler.name() + "\" is refused: "
            + FailureFacts.message(why),
        Map.of("handler", handler.name()),
        why);
  }

  private @Nullable S response(JournaledOperation operation) {
    String json = operation.payload(Part.RESPONSE);
    return json == null ? null : handler.responses().decode(json);
  }

  /** The outcome was lost. Who can tell is asked; otherwise the call is repeated with its idempotency key. */
  private @Nullable S resume(JournaledOperation operation, Q request) {
    boolean mayBeDone = true;
    Optional<Reconcile<Q, S>> reconcile = handler.reconciliation();
    if (reconcile.isPresent()) {
      Reconciliation<S> found = reconcile(operation, request, reconcile.get());
      if (found instanceof Reconciliation.Done<S> done) {
        return succeeded(operation, done.response());
      }
      mayBeDone = false;
    }
    flush(new JournalWrite().operation(operation.as(OperationStatus.INTENDED)));
    return call(operation, request, mayBeDone);
  }

  private Reconciliation<S> reconcile(
      JournaledOperation operation, Q request, Reconcile<Q, S> reconcile) {
    try {
      return new Attempts(engine, run.journal(), operation, Attempt.Phase.RECONCILE)
          .call(
              candidate, context -> Attempts.found(handler, reconcile.reconcile(context, request)));
    } catch (CallFailedException e) {
      throw failure(operation, e.failure());
    }
  }

  /**
   * Calls the handler.
   *
   * @param mayBeDone whether an earlier run may have done it, so that it is not known to be undone when this call fails, whatever way
   */
  @SuppressWarnings("NullAway") // What a handler answers may be null.
  private @Nullable S call(JournaledOperation operation, Q request, boolean mayBeDone) {
    S response;
    try {
      response = engine.calls().perform(candidate, new HandlerCalls.Work<@Nullable S>() {
        // A pause, or waiting for a place, may have been long enough for another run to take over
        // and undo, which only the database can tell.
        @Override
        public void requireAllowed(int number) {
          run.journal().requireGoingOn();
          if (number > 1 || isLongAgo()) {
            flush(new JournalWrite());
          }
        }

        @Override
        public @Nullable S attempt(int number) throws Exception {
          EffectContext context =
              Engine.context(run.journal().effect(), operation, run.journal().epoch(), number);
          return engine.<@Nullable S, Exception>observed(
              ActivityKind.PERFORM,
              handler.name(),
              run.journal().effect(),
              () -> handler.performRequired().perform(context, request));
        }

        @Override
        public void failed(int number, Throwable failure) {
          engine.hideIn(failure, List.of(operation));
          run.journal()
              .defer(new JournalWrite()
                  .attempt(new Attempt(
                      operation.position(),
                      Attempt.Phase.PERFORM,
                      number,
                      true,
                      engine.text(failure).message())));
        }
      });
    } catch (CallFailedException e) {
      OperationStatus status =
          mayBeDone || e.isUncertain() ? OperationStatus.UNKNOWN : OperationStatus.FAILED;
      run.journal()
          .defer(new JournalWrite()
              .operation(operation.as(status, engine.text(e.failure()).message())));
      throw failure(operation, e.failure());
    }
    return succeeded(operation, response);
  }

  private @Nullable S succeeded(JournaledOperation operation, @Nullable S response) {
    String json;
    try {
      json = engine.encode(handler.responses(), response, "the response of " + operation.name());
    } catch (RuntimeException | Error e) {
      // It was done, and what was answered cannot be kept: as if the answer had been lost.
      run.journal()
          .defer(new JournalWrite()
              .operation(operation.as(OperationStatus.UNKNOWN, engine.text(e).message())));
      throw failure(operation, e);
    }
    JournaledOperation answered = operation.with(Part.RESPONSE, json);
    run.journal().defer(new JournalWrite().operation(answered.as(OperationStatus.SUCCEEDED)));
    return accepted(answered, response);
  }

  /** Who was interrupted is told so by the thread as well: the exception is another one now. */
  private EffectFailedException failure(JournaledOperation operation, Throwable cause) {
    Uninterrupted.handBack(cause);
    return new EffectFailedException(
        run.journal().effect(), operation.label(), engine.text(cause).message(), cause);
  }
}
