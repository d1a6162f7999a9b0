package dev.holdfast.effect.internal;

import dev.holdfast.effect.Compensation;
import dev.holdfast.effect.EffectBody;
import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectMismatchException;
import dev.holdfast.effect.EffectTransaction;
import dev.holdfast.effect.StepWork;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.Validation;
import dev.holdfast.effect.registry.Candidate;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.StateId;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.JacksonCodec;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.internal.TextRules;
import dev.holdfast.store.transaction.TransactionWork;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a body, scope or branch is given. Numbers its operations, and answers those that the journal has. Confined to one thread, and to the
 * time of the body.
 */
final class BodyEffect implements EffectTransaction {

  private static final Codec<Object> NOTHING = JacksonCodec.of(Object.class);
  private static final String IN_SCOPE =
      "has a scope that is under way; use what the scope was given";
  private static final String IN_STEP =
      "has a step that is under way; do it before the step or after it";

  private final Engine engine;
  private final Run run;
  private final Position scope;
  private final Thread owner = Thread.currentThread();
  private int operations;
  /** Why nothing can be done now. */
  private @Nullable String refusal;

  private BodyEffect(Engine engine, Run run, Position scope) {
    this.engine = engine;
    this.run = run;
    this.scope = scope;
  }

  /** Runs a body. What it was given does nothing any more when it has ended: nobody would end or undo that. */
  static <T extends @Nullable Object> T run(
      Engine engine, Run run, Position scope, EffectBody<T> body) throws Exception {
    BodyEffect effect = new BodyEffect(engine, run, scope);
    try {
      return body.run(effect);
    } finally {
      effect.refusal = "is over";
    }
  }

  @Override
  public EffectId effect() {
    return run.journal().effect();
  }

  @Override
  public long epoch() {
    return run.journal().epoch();
  }

  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"
  }) // The handler's type is the caller's word.
  public <S> S perform(String handler, Object request) {
    requireUsable();
    Candidate candidate = candidate(handler, scope.child(operations + 1));
    return (S) perform(candidate, candidate.handler(), request);
  }

  /** The active candidate, unless the journal has another one: that alone can answer for what it did, whoever is active by now. */
  private Candidate candidate(String handler, Position position) {
    return recorded(position)
        .filter(key -> key.name().equals(handler))
        .map(key -> key.getRequiredFrom(engine.handlers()))
        .orElseGet(() -> engine.handlers().getRequired(handler));
  }

  private Optional<HandlerKey> recorded(Position position) {
    return run.journal().find(position).flatMap(HandlerKey::of);
  }

  @Override
  public <Q, S> S perform(EffectHandler<Q, S> handler, Q request) {
    requireUsable();
    Candidate candidate = engine.handlers().find(handler).orElseThrow(() -> {
      engine.handlers().getRequired(handler.name());
      return invalid("Handler \"" + handler.name() + "\" is registered, but as another object");
    });
    HandlerKey key = HandlerKey.of(candidate);
    Optional<HandlerKey> before = recorded(scope.child(operations + 1));
    if (before.isPresent()
        && before.get().name().equals(key.name())
        && !before.get().equals(key)) {
      throw run.mismatch("it has handler " + before.get() + " where the body has " + key);
    }
    return perform(candidate, handler, request);
  }

  @SuppressWarnings("NullAway") // A handler that answers null has callers who expect it.
  private <Q, S> S perform(
      Candidate candidate, EffectHandler<Q, S> handler, @Nullable Object given) {
    String name = handler.name();
    if (!handler.requestType().isInstance(given)) {
      throw invalid(
          "Handler \"" + name + "\" is asked a " + handler.requestType().getName() + ", not "
              + (given == null ? "null" : "a " + given.getClass().getName()));
    }
    Q request = handler.requestType().cast(given);
    String json = engine.encode(handler.requests(), request, "the request of " + name);
    if (!isAccepted(name, json)) {
      validate(handler, request, json);
    }
    JournaledOperation operation = JournaledOperation.intended(next(), OperationKind.REMOTE, name);
    return new RemoteOperation<>(engine, run, candidate, handler).perform(operation, request, json);
  }

  /** Whether the next operation is this request by the journal. A refused one is not there, and refused again. */
  private boolean isAccepted(String handler, String json) {
    return run.journal()
        .find(scope.child(operations + 1))
        .filter(before -> before.name().equals(handler))
        .filter(before -> SameJson.isSame(before.payload(Part.REQUEST), json))
        .isPresent();
  }

  private <Q> void validate(EffectHandler<Q, ?> handler, Q request, String json) {
    Optional<Validation<? super Q>> validation = handler.requestValidation();
    if (engine.settings().isValidated() && validation.isPresent()) {
      try {
        validation.get().validate(request);
      } catch (Exception e) {
        Uninterrupted.handBack(e);
        engine.redactor().known().add(Json.parse(json)).hideIn(e);
        throw RemoteOperation.refused("request", handler, e);
      }
    }
  }

  @Override
  @SuppressWarnings("NullAway") // Codecs encode null.
  public void step(String name, Compensation compensation, StepWork work) {
    step(name, NOTHING, compensation, transaction -> {
      work.run(transaction);
      return null;
    });
  }

  @Override
  public <T extends @Nullable Object> T step(
      String name, Class<T> type, Compensation compensation, TransactionWork<T, Exception> work) {
    return step(name, codec(type), compensation, work);
  }

  @SuppressWarnings({"unchecked", "NullAway"
  }) // Codecs have no nullable types, but encode and decode null.
  private static <T extends @Nullable Object> Codec<T> codec(Class<T> type) {
    return (Codec<T>) JacksonCodec.of(type);
  }

  private <T extends @Nullable Object> T step(
      String name,
      Codec<T> codec,
      Compensation compensation,
      TransactionWork<? extends T, Exception> work) {
    requireUsable();
    requireName("step", name);
    if (engine.steps() == null) {
      throw new HoldfastException(
          ErrorCode.CONFIGURATION, "Step \"" + name + "\": transactions of steps are switched off");
    }
    JournaledOperation step = JournaledOperation.intended(next(), OperationKind.STEP, name);
    StepOperation operation = new StepOperation(engine, run);
    JournaledOperation compensated = withCompensation(step, compensation);
    return during(IN_STEP, () -> operation.perform(compensated, codec, work));
  }

  /** What undoes the step instead of restoring goes with it; the handler must be there, so that nothing is done that nobody can undo. */
  private JournaledOperation withCompensation(JournaledOperation step, Compensation compensation) {
    String handler = compensation.handler();
    return handler == null
        ? step
        : step.with(
            Part.COMPENSATION,
            StepCompensation.encode(
                engine, candidate(handler, step.position()), compensation.request()));
  }

  @Override
  public <T extends @Nullable Object> T scope(String name, EffectBody<T> body) {
    return inScope(name, position -> run(engine, run, position, body));
  }

  @Override
  public <T extends @Nullable Object> List<T> parallel(
      String name, List<? extends EffectBody<T>> branches) {
    return inScope(
        name,
        position -> new Branches<T>(
                branches, position, (branch, body) -> run(engine, run, branch, body))
            .run(engine.workers()));
  }

  private <T extends @Nullable Object> T inScope(String name, ScopeOperation.Work<T> work) {
    requireUsable();
    requireName("scope", name);
    JournaledOperation operation = JournaledOperation.intended(next(), OperationKind.SCOPE, name);
    return during(IN_SCOPE, () -> new ScopeOperation(engine, run).perform(operation, work));
  }

  /** Does something in which nothing else can be done with this. */
  private <T extends @Nullable Object> T during(String what, Supplier<T> work) {
    refusal = what;
    try {
      return work.get();
    } finally {
      refusal = null;
    }
  }

  private Position next() {
    operations++;
    return scope.child(operations);
  }

  @SuppressWarnings("ReferenceEquality") // The very thread is meant.
  private void requireUsable() {
    if (Thread.currentThread() != owner) {
      throw misuse("belongs to thread " + owner.getName() + " and cannot be used by thread "
          + Thread.currentThread().getName());
    }
    if (refusal != null) {
      throw misuse(refusal);
    }
    run.journal().requireGoingOn();
    if (Thread.currentThread().isInterrupted()) {
      throw new EffectFailedException(
          effect(), "the next operation", "the thread is interrupted", new InterruptedException());
    }
  }

  private HoldfastException misuse(String what) {
    return new HoldfastException(
        ErrorCode.TRANSACTION_MISUSE,
        "Effect transaction " + effect() + (scope.path().isEmpty() ? "" : ", scope " + scope) + " "
            + what);
  }

  private static void requireName(String what, String name) {
    TextRules.requireText("name of the " + what, name, StateId.MAX_BYTES);
  }

  private static HoldfastException invalid(String message) {
    return new HoldfastException(ErrorCode.INVALID_ARGUMENT, message);
  }

  /** What the journal has at the place of an operation; it must be the same operation. */
  static Optional<JournaledOperation> recorded(
      Run run, JournaledOperation operation, Part... parts) {
    Optional<JournaledOperation> found = run.visit(operation);
    if (found.isPresent()) {
      JournaledOperation before = found.get();
      if (before.kind() != operation.kind() || !before.name().equals(operation.name())) {
        throw run.mismatch("it has " + before.label() + " where the body has " + operation.label());
      }
      List<String> differing = new ArrayList<>();
      for (Part part : parts) {
        boolean isKept = part != Part.COMPENSATION
            || before.payload(part) != null
            || before.status() != OperationStatus.FAILED;
        if (isKept && !SameJson.isSame(before.payload(part), operation.payload(part))) {
          differing.add(SqlName.of(part));
        }
      }
      if (!differing.isEmpty()) {
        throw run.mismatch(
            "the " + differing.get(0) + " of " + operation.label() + " is another one");
      }
    }
    return found;
  }

  /** A failure that the journal has. */
  static EffectFailedException recordedFailure(Run run, JournaledOperation operation) {
    return new EffectFailedException(
        run.journal().effect(),
        operation.label(),
        operation.error() == null ? "as recorded" : operation.error(),
        null);
  }

  /** An operation whose recorded status cannot be answered. */
  static EffectMismatchException unanswerable(Run run, JournaledOperation operation) {
    return run.mismatch(operation.label() + " is " + operation.status() + " already");
  }
}
