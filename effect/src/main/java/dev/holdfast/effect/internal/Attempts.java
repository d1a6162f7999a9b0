package dev.holdfast.effect.internal;

import dev.holdfast.effect.handler.EffectContext;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.Reconciliation;
import dev.holdfast.effect.registry.Candidate;
import dev.holdfast.store.activity.ActivityKind;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Attempts to compensate or reconcile, each of which is durable before it is made. Used once, by one thread. */
final class Attempts {

  private final Engine engine;
  private final Journal journal;
  private final JournaledOperation operation;
  private final Attempt.Phase phase;
  private int made;

  Attempts(Engine engine, Journal journal, JournaledOperation operation, Attempt.Phase phase) {
    this.engine = engine;
    this.journal = journal;
    this.operation = operation;
    this.phase = phase;
  }

  /** How many were made. */
  int made() {
    return made;
  }

  <T extends @Nullable Object> T call(Candidate candidate, Call<T> call)
      throws CallFailedException {
    return engine.calls().compensate(candidate, new HandlerCalls.Work<T>() {
      @Override
      public T attempt(int number) throws Exception {
        Attempt attempt = begin(number);
        T result = engine.observed(
            phase == Attempt.Phase.RECONCILE ? ActivityKind.RECONCILE : ActivityKind.COMPENSATE,
            candidate.name(),
            journal.effect(),
            () -> call.call(Engine.context(journal.effect(), operation, journal.epoch(), number)));
        journal.defer(new JournalWrite().attempt(attempt.end(null)));
        return result;
      }

      @Override
      public void failed(int number, Throwable failure) {
        engine.hideIn(failure, List.of(operation));
        journal.defer(
            new JournalWrite().attempt(numbered(number).end(engine.text(failure).message())));
      }
    });
  }

  /** What a handler found; one that answers null has not told. */
  static <S> Reconciliation<S> found(
      EffectHandler<?, S> handler, @Nullable Reconciliation<S> answer) {
    return Objects.requireNonNull(
        answer, () -> "Handler \"" + handler.name() + "\" reconciled with null");
  }

  Attempt begin(int number) {
    made = number;
    Attempt attempt = numbered(number);
    journal.flush(new JournalWrite().attempt(attempt));
    return attempt;
  }

  private Attempt numbered(int number) {
    return new Attempt(operation.position(), phase, number, false, null);
  }

  /** What is attempted. */
  @FunctionalInterface
  interface Call<T extends @Nullable Object> {
    T call(EffectContext context) throws Exception;
  }
}
