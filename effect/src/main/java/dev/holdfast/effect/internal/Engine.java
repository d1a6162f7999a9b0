package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.handler.EffectContext;
import dev.holdfast.effect.handler.HandlerSettings;
import dev.holdfast.effect.registry.HandlerRegistry;
import dev.holdfast.logging.LogScope;
import dev.holdfast.logging.Logs;
import dev.holdfast.redaction.KnownValues;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.activity.Activities;
import dev.holdfast.store.activity.Activity;
import dev.holdfast.store.activity.ActivityKind;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.CodecException;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonLimits;
import dev.holdfast.store.json.internal.JsonGuard;
import dev.holdfast.store.transaction.TransactionOptions;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * What all runs of a process share. Immutable, and safe for use by multiple threads.
 *
 * @param states where steps write
 * @param journals where journals are
 * @param handlers by name
 * @param settings what holds for all of them
 * @param steps how the transactions of steps run; null when there may be none
 * @param calls calls them
 * @param reporter tells of rollback failures
 * @param retries when rollback failures are retried by themselves
 * @param limits what requests and responses may look like
 * @param workers run what must not be interrupted, and branches
 * @param timer for timeouts
 * @param logs where log lines go
 * @param redactor hides sensitive fields in the texts of failures
 */
record Engine(
    StateStore states,
    JournalStore journals,
    HandlerRegistry handlers,
    HandlerSettings settings,
    @Nullable TransactionOptions steps,
    HandlerCalls calls,
    Reporter reporter,
    FailureRetries retries,
    JsonLimits limits,
    ExecutorService workers,
    ScheduledExecutorService timer,
    Logs logs,
    Redactor redactor) {

  /** A value as JSON that can be stored and read back. */
  <V> String encode(Codec<V> codec, @Nullable V value, String what) {
    String json;
    try {
      json = codec.encode(value);
    } catch (CodecException e) {
      throw e.in(what);
    }
    JsonGuard.check(json, limits, what);
    return json;
  }

  /** A failure as text that can be stored and shown. */
  FailureText text(Throwable failure) {
    return FailureText.of(failure, redactor);
  }

  /** What handlers were given under sensitive names, and answered, is not to be seen in what is shown of a failure. */
  void hideIn(Throwable failure, Collection<JournaledOperation> operations) {
    hideIn(failure, known(operations));
  }

  /** The same of a body, which knows what all its operations were given, and its own input. */
  void hideIn(Throwable failure, Journal journal) {
    KnownValues known = known(journal.newestFirst(Position.ROOT));
    learn(known, journal.input());
    hideIn(failure, known);
  }

  private void hideIn(Throwable failure, KnownValues known) {
    try {
      known.hideIn(failure);
    } catch (RuntimeException e) {
      // It throws when it is asked for its message, so it shows nothing; it must not stop a
      // rollback either.
      logs.of(Engine.class)
          .debug("{} cannot tell its message", failure.getClass().getName());
    }
  }

  private KnownValues known(Collection<JournaledOperation> operations) {
    KnownValues known = redactor.known();
    for (JournaledOperation operation : operations) {
      learn(known, operation.payload(Part.REQUEST));
      learn(known, operation.payload(Part.RESPONSE));
      String compensation = operation.payload(Part.COMPENSATION);
      learn(
          known,
          compensation == null ? null : StepCompensation.decode(compensation).request());
    }
    return known;
  }

  private static void learn(KnownValues known, @Nullable String json) {
    if (json != null) {
      known.add(Json.parse(json));
    }
  }

  /** The ids of an effect transaction, for what this thread logs until the scope is closed. */
  LogScope scope(EffectId effect) {
    return logs.scope(effect.toString(), effect.uuid().toString());
  }

  /** Does something and tells who listens at the states; nobody does without a listener. */
  <T extends @Nullable Object, E extends Exception> T observed(
      ActivityKind kind, String name, EffectId effect, Activities.Work<T, E> work) throws E {
    Optional<Activities> activities = states.activities();
    return activities.isEmpty()
        ? work.run()
        : activities.get().run(Activity.of(kind, name, effect.toString()), work);
  }

  /** The same for something whose result tells whether it failed. */
  <T> T observed(
      ActivityKind kind,
      String name,
      EffectId effect,
      Activities.Work<T, RuntimeException> work,
      Activities.Judge<? super T> judge) {
    Optional<Activities> activities = states.activities();
    return activities.isEmpty()
        ? work.run()
        : activities.get().run(Activity.of(kind, name, effect.toString()), work, judge);
  }

  static EffectContext context(
      EffectId effect, JournaledOperation operation, long epoch, int attempt) {
    return new EffectContext(
        effect, operation.name(), effect.uuid() + "/" + operation.position(), epoch, attempt);
  }
}
