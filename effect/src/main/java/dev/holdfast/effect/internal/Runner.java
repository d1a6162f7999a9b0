package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectBody;
import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectMismatchException;
import dev.holdfast.effect.EffectOptions;
import dev.holdfast.effect.EffectRollbackException;
import dev.holdfast.effect.EffectRunningException;
import dev.holdfast.effect.EffectStatus;
import dev.holdfast.effect.definition.EffectDefinition;
import dev.holdfast.effect.definition.Recovery;
import dev.holdfast.effect.internal.JournalState.Head;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.LogScope;
import dev.holdfast.store.activity.ActivityKind;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.JacksonCodec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Runs bodies: begins, resumes or answers from the journal, commits, and rolls back whatever ends badly. Safe for use by multiple threads. */
public final class Runner {

  private static final Codec<Object> RESULT = JacksonCodec.of(Object.class);
  private static final int MAX_BEGINS = 10;

  private final Engine engine;
  private final Log log;
  private final Heartbeat heartbeat;
  private final Active active;
  private final Counters counters;
  private final String process;
  private final Duration lease;
  private final Definitions definitions;

  Runner(
      Engine engine,
      Heartbeat heartbeat,
      Active active,
      Counters counters,
      String process,
      Duration lease,
      Definitions definitions) {
    this.engine = engine;
    this.log = engine.logs().of(Runner.class);
    this.heartbeat = heartbeat;
    this.active = active;
    this.counters = counters;
    this.process = process;
    this.lease = lease;
    this.definitions = definitions;
  }

  Owner newOwner() {
    return new Owner(UUID.randomUUID(), process, lease);
  }

  /** Runs, see {@link dev.holdfast.effect.Effects#run}. */
  public <T extends @Nullable Object> T run(
      EffectId effect, EffectOptions options, EffectBody<T> body) {
    return run(effect, new Work<>(options, body, null));
  }

  /** Runs what has a definition, see {@link dev.holdfast.effect.Effects#run}. */
  public <I, T extends @Nullable Object> T run(
      EffectDefinition<I, T> definition, String id, I input) {
    definitions.require(definition);
    if (!definition.inputType().isInstance(input)) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "Definition \"" + definition.name() + "\" is given a "
              + definition.inputType().getName());
    }
    String json =
        engine.encode(definition.inputs(), input, "the input of definition " + definition.name());
    return run(new EffectId(definition.name(), id), work(definition, json));
  }

  /** The body is given what the journal has, also the first time, so that it is the same each time. */
  @SuppressWarnings("NullAway") // An input is never null, see run.
  private static <I, T extends @Nullable Object> Work<T> work(
      EffectDefinition<I, T> definition, String input) {
    return new Work<>(
        definition.options(),
        effect -> definition.body().run(effect, definition.inputs().decode(input)),
        definition.recovery() == Recovery.FORWARD ? input : null);
  }

  private <T extends @Nullable Object> T run(EffectId effect, Work<T> work) {
    return engine.<T, RuntimeException>observed(
        ActivityKind.EFFECT, effect.name(), effect, () -> begin(effect, work));
  }

  private <T extends @Nullable Object> T begin(EffectId effect, Work<T> work) {
    for (int begins = 1; ; begins++) {
      LogScope scope = engine.scope(effect);
      try {
        return once(effect, work);
      } catch (AlreadyBegunException e) {
        // Another run was faster. It may even have ended: look what became of it.
        if (begins == MAX_BEGINS) {
          throw new IllegalStateException("Effect transaction " + effect + " comes and goes", e);
        }
      } finally {
        scope.close();
      }
    }
  }

  private <T extends @Nullable Object> T once(EffectId effect, Work<T> work) {
    Owner owner = newOwner();
    Optional<JournalState> state = engine.journals().find(effect);
    if (state.isEmpty()) {
      return drive(Journal.fresh(engine.journals(), effect, owner, heartbeat, work.input()), work);
    }
    work.requireSameInput(effect, state.get());
    Head head = state.get().head();
    return switch (head.status()) {
      case COMMITTED -> answer(effect, owner, state.get(), work.body());
      case RUNNING, COMPENSATING -> resume(effect, owner, state.get(), work);
      case ROLLED_BACK, RESOLVED, ROLLBACK_FAILED -> throw failure(effect, head.error(), null);
    };
  }

  /** The body runs against the journal, performs nothing, and must come to the recorded result. */
  private <T extends @Nullable Object> T answer(
      EffectId effect, Owner owner, JournalState state, EffectBody<T> body) {
    Journal journal = Journal.ended(engine.journals(), effect, owner, heartbeat, state);
    Run run = new Run(journal, true);
    T result;
    try {
      result = BodyEffect.run(engine, run, Position.ROOT, body);
    } catch (Exception e) {
      Uninterrupted.handBack(e);
      RuntimeException over = journal.over().orElse(null);
      if (over != null) {
        throw over;
      }
      throw new EffectFailedException(
          effect, "the body, answered from the journal,", engine.text(e).message(), e);
    }
    run.requireAllVisited();
    if (!SameJson.isSame(state.result(), encode(result))) {
      throw run.mismatch("the body returned another result than the recorded one");
    }
    return result;
  }

  private <T extends @Nullable Object> T resume(
      EffectId effect, Owner owner, JournalState state, Work<T> work) {
    Head head = state.head();
    if (head.expired()) {
      requireHandlers(state);
    }
    Journal journal = takeOver(effect, head.epoch(), owner, 0)
        .orElseThrow(() -> new EffectRunningException(effect, head.status(), head.process()));
    log.info("Effect transaction {} was interrupted; this run goes on with it", effect);
    if (journal.status() == EffectStatus.COMPENSATING) {
      throw finishRollback(journal, head.error(), null);
    }
    return drive(journal, work);
  }

  /**
   * Goes on with what was taken over by recovery.
   *
   * @return how it ended; empty when it was committed
   */
  Optional<RuntimeException> goOn(Journal journal, EffectDefinition<?, ?> definition) {
    String input = Objects.requireNonNull(journal.input(), "what goes on has an input");
    Work<?> work = work(definition, input);
    EffectId effect = journal.effect();
    try {
      engine.<Object, RuntimeException>observed(ActivityKind.EFFECT, effect.name(), effect, () -> {
        drive(journal, work);
        return true;
      });
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(e);
    } catch (Error e) {
      // It was rolled back all the same, and is not to end what recovers the others.
      return Optional.of(
          new EffectFailedException(effect, "the whole", engine.text(e).message(), e));
    }
  }

  /** Who could not undo what was done must not take it over: another process may be able to. */
  private void requireHandlers(JournalState state) {
    state.operations().stream()
        .filter(operation -> operation.status().mayNeedCompensation())
        .flatMap(operation -> HandlerKey.of(operation).stream())
        .forEach(key -> key.getRequiredFrom(engine.handlers()));
  }

  /** Takes over what nobody gives signs of life for; empty when somebody does, or another was faster. */
  Optional<Journal> takeOver(EffectId effect, long epoch, Owner owner, int recoveries) {
    return engine
        .journals()
        .claim(effect, epoch, owner, recoveries)
        .map(fence -> Journal.takenOver(
            engine.journals(),
            effect,
            owner,
            heartbeat,
            fence,
            engine.journals().load(effect).orElseThrow()));
  }

  private <T extends @Nullable Object> T drive(Journal journal, Work<T> work) {
    Active.Entry entry = enter(journal);
    try {
      counters.started();
      return commit(journal, work);
    } catch (Throwable e) {
      throw Uninterrupted.callAfter(e, () -> failed(journal, e));
    } finally {
      journal.letGo();
      entry.leave();
    }
  }

  /** What closing does not let in is not run here, so its lease must not be renewed either. */
  private Active.Entry enter(Journal journal) {
    try {
      return active.enter(journal);
    } catch (RuntimeException e) {
      journal.letGo();
      throw e;
    }
  }

  private <T extends @Nullable Object> T commit(Journal journal, Work<T> work) throws Exception {
    Run run = new Run(journal, false);
    T result = limited(
        journal, work.options(), () -> BodyEffect.run(engine, run, Position.ROOT, work.body()));
    journal.requireGoingOn();
    run.requireAllVisited();
    journal.flush(new JournalWrite().result(encode(result)).status(EffectStatus.COMMITTED, null));
    counters.committed();
    return result;
  }

  private <T extends @Nullable Object> T limited(
      Journal journal, EffectOptions options, Callable<T> body) throws Exception {
    Duration limit = options.timeout().orElse(null);
    return limit == null
        ? body.call()
        : TimeLimit.call(
            engine.timer(),
            limit,
            () -> journal.stop(new TimeoutException("not done within " + limit)),
            body);
  }

  private String encode(@Nullable Object result) {
    return engine.encode(RESULT, result, "the result of the effect transaction");
  }

  private RuntimeException failed(Journal journal, Throwable failure) {
    Optional<RuntimeException> over = journal.over();
    if (over.isPresent()) {
      RuntimeException reason = over.get();
      if (!reason.equals(failure) && !failure.equals(reason.getCause())) {
        reason.addSuppressed(failure);
      }
      return reason;
    }
    engine.hideIn(failure, journal);
    if (journal.isLeft() && journal.isBegun()) {
      return left(journal, failure);
    }
    String why = engine.text(failure).message();
    if (!journal.isBegun()) {
      counters.rolledBack(false, 0);
      return new EffectFailedException(journal.effect(), "the whole", why, failure);
    }
    try {
      return finishRollback(journal, why, failure);
    } catch (RuntimeException e) {
      // This run could not finish it; whoever takes over will. Why it began is not to be lost.
      if (!failure.equals(e.getCause())) {
        e.addSuppressed(failure);
      }
      throw e;
    }
  }

  /** Another process goes on; what was done is made known to it, so that it is not done again. */
  private RuntimeException left(Journal journal, Throwable failure) {
    RuntimeException reason = new HoldfastException(
        ErrorCode.CLOSED,
        "Effect transaction " + journal.effect()
            + " was interrupted by closing; another process goes on with it",
        Map.of("effect", journal.effect().toString()),
        failure);
    try {
      Uninterrupted.callElsewhere(engine.workers(), () -> journal.flush(new JournalWrite()));
    } catch (RuntimeException e) {
      reason.addSuppressed(e);
    }
    journal.end(reason);
    return reason;
  }

  /** Compensates everything, in a thread that nobody interrupts, and says how it ended. */
  RuntimeException finishRollback(
      Journal journal, @Nullable String why, @Nullable Throwable cause) {
    EffectId effect = journal.effect();
    RuntimeException result;
    try {
      result = engine.observed(
          ActivityKind.ROLLBACK,
          effect.name(),
          effect,
          () -> rollBack(journal, why, cause),
          outcome -> outcome instanceof EffectRollbackException ? outcome : null);
    } finally {
      journal.letGo();
    }
    if (cause instanceof Error error) {
      error.addSuppressed(result);
      throw error;
    }
    return result;
  }

  private RuntimeException rollBack(
      Journal journal, @Nullable String why, @Nullable Throwable cause) {
    List<Throwable> failures = Uninterrupted.callElsewhere(engine.workers(), () -> {
      journal.flush(new JournalWrite().status(EffectStatus.COMPENSATING, why));
      List<Throwable> thrown = new Rollback(engine, journal, Position.ROOT).compensate();
      journal.flush(new JournalWrite().status(EffectStatus.ROLLED_BACK, null));
      return thrown;
    });
    log.info(
        "Effect transaction {} is rolled back; {} compensations failed",
        journal.effect(),
        failures.size());
    boolean failed = !failures.isEmpty();
    try {
      RuntimeException result = failure(journal.effect(), why, cause);
      failures.forEach(result::addSuppressed);
      // Also when it was another process whose compensations failed, before this one took over.
      failed = result instanceof EffectRollbackException;
      return result;
    } finally {
      counters.rolledBack(failed, failures.size());
    }
  }

  private RuntimeException failure(
      EffectId effect, @Nullable String why, @Nullable Throwable cause) {
    String reason = why == null ? "as recorded" : why;
    List<RollbackFailure> failures = engine.reporter().report(effect, Position.ROOT).stream()
        .filter(Runner::isUnsettled)
        .toList();
    return failures.isEmpty()
        ? new EffectFailedException(effect, "the whole", reason, cause)
        : new EffectRollbackException(effect, reason, failures, cause);
  }

  private static boolean isUnsettled(RollbackFailure failure) {
    return switch (failure.status()) {
      case OPEN, RETRYING -> true;
      case RESOLVED, SKIPPED -> false;
    };
  }

  /**
   * What is to be run.
   *
   * @param input what recovery is to go on with, as JSON; null when it is to roll back
   */
  private record Work<T extends @Nullable Object>(
      EffectOptions options, EffectBody<T> body, @Nullable String input) {

    void requireSameInput(EffectId effect, JournalState state) {
      if (input != null && state.input() != null && !SameJson.isSame(input, state.input())) {
        throw new EffectMismatchException(effect, "the input is another one");
      }
    }
  }
}
