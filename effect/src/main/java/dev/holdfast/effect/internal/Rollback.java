package dev.holdfast.effect.internal;

import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.Reconciliation;
import dev.holdfast.effect.registry.Candidate;
import dev.holdfast.effect.rollback.RollbackFailureCode;
import dev.holdfast.logging.Log;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Compensates what operations did, the newest first, all of them whatever fails. Each attempt is durable before it is made; its outcome
 * goes with the next one. The caller flushes the last. Used once, by one thread that nobody interrupts.
 */
final class Rollback {

  private final Engine engine;
  private final Journal journal;
  private final Position scope;
  private final Log log;
  private final List<Throwable> failures = new ArrayList<>();

  /** Of what was done below a scope. */
  Rollback(Engine engine, Journal journal, Position scope) {
    this.engine = engine;
    this.journal = journal;
    this.scope = scope;
    this.log = engine.logs().of(Rollback.class);
  }

  /**
   * Compensates what was done and is not compensated yet. What has an intent and no outcome by now may have been done: an error can keep
   * it from being recorded.
   *
   * @return what compensations threw, in order
   */
  List<Throwable> compensate() {
    journal.giveUp(scope, "it ended without a recorded outcome");
    for (JournaledOperation operation : journal.newestFirst(scope)) {
      boolean done = operation.status() == OperationStatus.SUCCEEDED
          || operation.status() == OperationStatus.UNKNOWN;
      if (done && operation.kind() == OperationKind.REMOTE) {
        remote(operation);
      } else if (done && operation.kind() == OperationKind.STEP) {
        step(operation);
      }
    }
    return failures;
  }

  private void remote(JournaledOperation operation) {
    HandlerKey key = HandlerKey.of(operation).orElseThrow();
    Optional<Candidate> candidate = key.findIn(engine.handlers());
    if (candidate.isEmpty()) {
      fail(operation, RollbackFailureCode.HANDLER_MISSING, key.missing(), 1);
    } else if (operation.status() == OperationStatus.UNKNOWN) {
      unknown(operation, candidate.get());
    } else {
      compensate(operation, candidate.get());
    }
  }

  private void unknown(JournaledOperation operation, Candidate candidate) {
    EffectHandler<?, ?> handler = candidate.handler();
    if (handler.reconciliation().isPresent()) {
      reconcile(operation, candidate, handler);
    } else if (handler.compensationByRequest().isPresent() || !handler.isCompensable()) {
      compensate(operation, candidate);
    } else {
      fail(
          operation,
          RollbackFailureCode.OUTCOME_UNKNOWN,
          new OutcomeUnknownException(operation),
          1);
    }
  }

  private <Q, S> void reconcile(
      JournaledOperation operation, Candidate candidate, EffectHandler<Q, S> handler) {
    Attempts attempts = new Attempts(engine, journal, operation, Attempt.Phase.RECONCILE);
    try {
      Q request = Compensations.request(operation, handler);
      Reconciliation<S> found = attempts.call(
          candidate,
          context -> Attempts.found(
              handler, handler.reconciliation().orElseThrow().reconcile(context, request)));
      if (found instanceof Reconciliation.Done<S> done) {
        String json = engine.encode(
            handler.responses(), done.response(), "the response of " + handler.name());
        JournaledOperation succeeded =
            operation.as(OperationStatus.SUCCEEDED).with(Part.RESPONSE, json);
        journal.defer(new JournalWrite().operation(succeeded));
        compensate(succeeded, candidate);
      } else {
        journal.defer(new JournalWrite()
            .operation(operation.as(OperationStatus.FAILED, "reconciled: it was not done")));
      }
    } catch (CallFailedException e) {
      fail(operation, RollbackFailureCode.OUTCOME_UNKNOWN, e.failure(), attempts.made());
    } catch (RuntimeException | Error e) {
      // What is recorded or answered is read and written by classes of the application.
      journal.requireKept();
      fail(operation, RollbackFailureCode.OUTCOME_UNKNOWN, e, Math.max(1, attempts.made()));
    }
  }

  private void compensate(JournaledOperation operation, Candidate candidate) {
    if (!candidate.handler().isCompensable()) {
      log.debug("{} of {} has no compensation and stays", operation.label(), journal.effect());
      journal.defer(new JournalWrite().operation(operation.as(OperationStatus.SKIPPED)));
      return;
    }
    attempt(operation, candidate, context -> {
      Compensations.compensate(operation, candidate.handler(), null, context);
      return true;
    });
  }

  private void step(JournaledOperation step) {
    String compensation = step.payload(Part.COMPENSATION);
    if (compensation == null) {
      restore(step);
      return;
    }
    StepCompensation call = StepCompensation.decode(compensation);
    Optional<Candidate> candidate = call.key().findIn(engine.handlers());
    if (candidate.isEmpty()) {
      fail(step, RollbackFailureCode.HANDLER_MISSING, call.key().missing(), 1);
    } else {
      attempt(step, candidate.get(), context -> {
        StepCompensation.perform(candidate.get().handler(), call.request(), context);
        return true;
      });
    }
  }

  private void attempt(
      JournaledOperation operation, Candidate candidate, Attempts.Call<Boolean> call) {
    Attempts attempts = new Attempts(engine, journal, operation, Attempt.Phase.COMPENSATE);
    try {
      attempts.call(candidate, call);
      journal.defer(new JournalWrite().operation(operation.as(OperationStatus.COMPENSATED)));
      log.debug("{} of {} is compensated", operation.label(), journal.effect());
    } catch (CallFailedException e) {
      journal.requireKept();
      fail(
          operation,
          RollbackFailureCode.COMPENSATION_FAILED,
          e.failure(),
          Math.max(1, attempts.made()));
    }
  }

  /** The restored values and the outcome are one database transaction. */
  private void restore(JournaledOperation step) {
    Attempt attempt = new Attempts(engine, journal, step, Attempt.Phase.COMPENSATE).begin(1);
    boolean committed = false;
    try {
      committed = journal.transact(() -> isRestored(step, attempt));
    } catch (RuntimeException | Error e) {
      // It may come from anywhere, also from behind the commit.
      committed = journal.hasLanded(e);
      if (!committed) {
        restoreFailed(step, attempt, e);
      }
    } finally {
      journal.endTransaction(committed);
    }
  }

  private boolean isRestored(JournaledOperation step, Attempt attempt) {
    new StepRestorer(engine.states(), operation -> operation.position().isWithin(scope))
        .restore(
            journal.effect(),
            step,
            journal.newestFirst(Position.ROOT),
            () -> journal.endTransaction(false),
            (transaction, restored) -> {
              String json = WrittenState.CODEC.encode(restored);
              journal.writeIn(
                  transaction.connection(),
                  new JournalWrite()
                      .attempt(attempt.end(null))
                      .payload(step.position(), Part.RESTORED, json)
                      .operation(step.as(OperationStatus.COMPENSATED).with(Part.RESTORED, json)));
            });
    return true;
  }

  private void restoreFailed(JournaledOperation step, Attempt attempt, Throwable failure) {
    journal.endTransaction(false);
    journal.requireKept();
    journal.defer(new JournalWrite().attempt(attempt.end(engine.text(failure).message())));
    fail(step, codeOf(failure), failure, 1);
  }

  static RollbackFailureCode codeOf(Throwable failure) {
    return failure instanceof ChangedSinceException
        ? RollbackFailureCode.CHANGED_SINCE
        : RollbackFailureCode.COMPENSATION_FAILED;
  }

  private void fail(
      JournaledOperation operation, RollbackFailureCode code, Throwable failure, int attempts) {
    FailureText text = engine.text(failure);
    failures.add(failure);
    journal.defer(new JournalWrite()
        .operation(operation.as(OperationStatus.COMPENSATION_FAILED, text.message()))
        .failure(new FailureRow(
            operation.position(), code, text, attempts, engine.retries().pauseAfter(attempts))));
  }
}
