package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.StaleLeaseException;
import dev.holdfast.store.activity.ActivityKind;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.Transaction;
import dev.holdfast.store.transaction.TransactionOptions;
import dev.holdfast.store.transaction.TransactionWork;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Performs a step: the work and its outcome in the journal are one database transaction. Used once, by one thread. */
final class StepOperation {

  private final Engine engine;
  private final Run run;
  private final Journal journal;

  StepOperation(Engine engine, Run run) {
    this.engine = engine;
    this.run = run;
    this.journal = run.journal();
  }

  <T extends @Nullable Object> T perform(
      JournaledOperation step, Codec<T> codec, TransactionWork<? extends T, Exception> work) {
    Optional<JournaledOperation> recorded = BodyEffect.recorded(run, step, Part.COMPENSATION);
    if (recorded.isPresent()) {
      return answer(recorded.get(), codec);
    }
    if (!journal.isBegun() || (keepsSnapshot() && journal.hasDeferred())) {
      journal.flush(new JournalWrite());
    }
    try {
      return engine.<T, Exception>observed(
          ActivityKind.STEP,
          step.name(),
          journal.effect(),
          () -> journal.transact(() -> commit(step, codec, work)));
    } catch (StaleLeaseException e) {
      throw e;
    } catch (Exception e) {
      Uninterrupted.handBack(e);
      journal.requireKept();
      String why = engine.text(e).message();
      journal.defer(
          withCompensation(step).intent(step).operation(step.as(OperationStatus.FAILED, why)));
      throw new EffectFailedException(journal.effect(), step.label(), why, e);
    }
  }

  @SuppressWarnings("NullAway") // A step that returned null answers null.
  private <T extends @Nullable Object> T answer(JournaledOperation step, Codec<T> codec) {
    return switch (step.status()) {
      case SUCCEEDED -> {
        String json = step.payload(Part.RESPONSE);
        yield json == null ? null : codec.decode(json);
      }
      case FAILED -> throw BodyEffect.recordedFailure(run, step);
      default -> throw BodyEffect.unanswerable(run, step);
    };
  }

  @SuppressWarnings("NullAway") // The holder is filled before it is read.
  private <T extends @Nullable Object> T commit(
      JournaledOperation step, Codec<T> codec, TransactionWork<? extends T, Exception> work)
      throws Exception {
    Object[] result = new Object[1];
    boolean committed = false;
    try {
      engine.states().transaction(options(), transaction -> {
        journal.endTransaction(false); // Of an attempt before this one.
        T returned = work.run(transaction);
        result[0] = returned;
        journal.writeIn(transaction.connection(), outcome(step, codec, returned, transaction));
        return true;
      });
      committed = true;
    } catch (Throwable e) {
      // It may come from anywhere, also from behind the commit.
      committed = journal.hasLanded(e);
      if (!committed || e instanceof Error) {
        throw e;
      }
    } finally {
      journal.endTransaction(committed);
    }
    @SuppressWarnings("unchecked") // It was put in above.
    T returned = (T) result[0];
    return returned;
  }

  /** Whether the journal must not be written while the step runs, as is done with what was deferred after a while. */
  private boolean keepsSnapshot() {
    return options().isolation().compareTo(Isolation.READ_COMMITTED) > 0;
  }

  private TransactionOptions options() {
    return Objects.requireNonNull(engine.steps(), "steps are allowed")
        .effectId(journal.effect().uuid());
  }

  private <T extends @Nullable Object> JournalWrite outcome(
      JournaledOperation step, Codec<T> codec, T returned, Transaction transaction) {
    JournalWrite write = withCompensation(step).intent(step);
    String written = WrittenState.CODEC.encode(WrittenState.of(transaction.written()));
    return write
        .payload(step.position(), Part.WRITTEN, written)
        .operation(step.as(OperationStatus.SUCCEEDED)
            .with(Part.WRITTEN, written)
            .with(
                Part.RESPONSE,
                engine.encode(codec, returned, "what " + step.label() + " returned")));
  }

  /** What undoes the step is part of what it is, also when it failed. */
  private static JournalWrite withCompensation(JournaledOperation step) {
    JournalWrite write = new JournalWrite();
    String compensation = step.payload(Part.COMPENSATION);
    return compensation == null
        ? write
        : write.payload(step.position(), Part.COMPENSATION, compensation);
  }
}
