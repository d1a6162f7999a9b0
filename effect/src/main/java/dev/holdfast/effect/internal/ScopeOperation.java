package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.EffectRollbackException;
import dev.holdfast.effect.rollback.RollbackFailure;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs a scope; when it fails, undoes what it did and nothing else. Used once, by one thread. */
final class ScopeOperation {

  private final Engine engine;
  private final Run run;
  private final Journal journal;

  ScopeOperation(Engine engine, Run run) {
    this.engine = engine;
    this.run = run;
    this.journal = run.journal();
  }

  <T extends @Nullable Object> T perform(JournaledOperation scope, Work<T> work) {
    Optional<JournaledOperation> recorded = BodyEffect.recorded(run, scope);
    if (recorded.isEmpty()) {
      journal.defer(new JournalWrite().intent(scope));
    } else if (recorded.get().status() == OperationStatus.FAILED) {
      throw failedBefore(recorded.get());
    }
    T result;
    try {
      result = work.run(scope.position());
    } catch (Throwable e) {
      // Put off, so that whoever is told of rollback failures does not see it, and handed back.
      throw Uninterrupted.callAfter(e, () -> failed(scope, e));
    }
    if (recorded.isEmpty() || recorded.get().status() != OperationStatus.SUCCEEDED) {
      journal.defer(new JournalWrite().operation(scope.as(OperationStatus.SUCCEEDED)));
    }
    return result;
  }

  private RuntimeException failed(JournaledOperation scope, Throwable failure) {
    Optional<RuntimeException> over = journal.over();
    if (over.isPresent()) {
      return over.get();
    }
    if (run.isAnswer() || journal.stopped().isPresent() || !journal.isBegun()) {
      // It has ended, or all of it is rolled back anyway, or there is nothing to undo.
      return new EffectFailedException(
          journal.effect(), scope.label(), engine.text(failure).message(), failure);
    }
    String why = engine.text(failure).message();
    try {
      List<Throwable> failures = Uninterrupted.callElsewhere(engine.workers(), () -> {
        journal.flush(new JournalWrite().operation(scope.as(OperationStatus.FAILED, why)));
        return undo(scope);
      });
      return outcome(scope, why, failure, failures);
    } catch (RuntimeException e) {
      // It could not be undone to its end; why it failed is not to be lost.
      e.addSuppressed(failure);
      throw e;
    }
  }

  /** The process may have died while it was undone. What could not be undone then is told again, settled or not: the body was told of it. */
  private RuntimeException failedBefore(JournaledOperation scope) {
    List<Throwable> failures = run.isAnswer()
        ? List.of()
        : Uninterrupted.callElsewhere(engine.workers(), () -> undo(scope));
    List<RollbackFailure> recorded = recorded(scope);
    return recorded.isEmpty()
        ? BodyEffect.recordedFailure(run, scope)
        : notUndone(recorded, String.valueOf(scope.error()), null, failures);
  }

  private List<Throwable> undo(JournaledOperation scope) {
    List<Throwable> failures = new Rollback(engine, journal, scope.position()).compensate();
    if (!failures.isEmpty()) {
      journal.flush(new JournalWrite());
    }
    return failures;
  }

  private RuntimeException outcome(
      JournaledOperation scope,
      String why,
      @Nullable Throwable cause,
      List<Throwable> compensationFailures) {
    if (compensationFailures.isEmpty()) {
      return new EffectFailedException(journal.effect(), scope.label(), why, cause);
    }
    return notUndone(recorded(scope), why, cause, compensationFailures);
  }

  private List<RollbackFailure> recorded(JournaledOperation scope) {
    return engine.reporter().report(journal.effect(), scope.position());
  }

  private EffectRollbackException notUndone(
      List<RollbackFailure> recorded,
      String why,
      @Nullable Throwable cause,
      List<Throwable> compensationFailures) {
    EffectRollbackException failed =
        new EffectRollbackException(journal.effect(), why, recorded, cause);
    compensationFailures.forEach(failed::addSuppressed);
    return failed;
  }

  /** What is done in a scope. */
  @FunctionalInterface
  interface Work<T extends @Nullable Object> {
    T run(Position scope) throws Exception;
  }
}
