package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.handler.EffectContext;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.Reconciliation;
import dev.holdfast.effect.internal.FailureSql.ByHand;
import dev.holdfast.effect.internal.FailureSql.Claim;
import dev.holdfast.effect.registry.Candidate;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.effect.rollback.RollbackFailureCode;
import dev.holdfast.effect.rollback.RollbackFailureQuery;
import dev.holdfast.effect.rollback.RollbackFailureStatus;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.internal.SqlFailure;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.LogScope;
import dev.holdfast.store.StateId;
import dev.holdfast.store.activity.ActivityKind;
import dev.holdfast.store.internal.SqlWork;
import dev.holdfast.store.json.internal.TextRules;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Settles rollback failures: retries them, and takes down what people decide. Safe for use by multiple threads. */
public final class FailureDesk {

  private static final int MAX_NOTE = 10_000;
  private static final int MAX_DUE = 100;

  private final Engine engine;
  private final Log log;
  private final FailureReader reader;
  private final FailureSql sql;
  private final Heartbeat heartbeat;
  private final Supplier<Owner> owners;

  FailureDesk(
      Engine engine,
      FailureReader reader,
      FailureSql sql,
      Heartbeat heartbeat,
      Supplier<Owner> owners) {
    this.engine = engine;
    this.log = engine.logs().of(FailureDesk.class);
    this.reader = reader;
    this.sql = sql;
    this.heartbeat = heartbeat;
    this.owners = owners;
  }

  /** Those that are not settled, oldest first. */
  public List<RollbackFailure> open(RollbackFailureQuery query) {
    return engine
        .journals()
        .read("reading open rollback failures", connection -> reader.unsettled(connection, query))
        .stream()
        .map(StoredFailure::failure)
        .toList();
  }

  /** Those of one effect transaction. */
  public List<RollbackFailure> of(EffectId effect) {
    return engine.reporter().read(effect).stream().map(StoredFailure::failure).toList();
  }

  /** One of them. */
  public Optional<RollbackFailure> find(UUID failureId) {
    return stored(failureId).map(StoredFailure::failure);
  }

  private Optional<StoredFailure> stored(UUID failureId) {
    return engine
        .journals()
        .read(
            "reading rollback failure " + failureId,
            connection -> reader.find(connection, failureId));
  }

  private StoredFailure required(UUID failureId) {
    return stored(failureId)
        .orElseThrow(() -> new HoldfastException(
            ErrorCode.INVALID_ARGUMENT,
            "There is no rollback failure " + failureId,
            Map.of("failure", failureId),
            null));
  }

  /** One that is to be settled. Whoever rolled back may have died before it told of it, and what is settled is nobody's concern any more. */
  private StoredFailure told(UUID failureId) {
    StoredFailure failure = required(failureId);
    if (!failure.reported()) {
      engine.reporter().reportQuietly(failure.failure().effect());
    }
    return failure;
  }

  /** A person settles it. */
  public RollbackFailure settle(
      UUID failureId, RollbackFailureStatus status, String note, String actor) {
    TextRules.requireText("note", note, MAX_NOTE);
    TextRules.requireText("actor", actor, StateId.MAX_BYTES);
    OperationStatus operation = status == RollbackFailureStatus.SKIPPED
        ? OperationStatus.SKIPPED
        : OperationStatus.COMPENSATED;
    StoredFailure before = told(failureId);
    ByHand how = new ByHand(operation, SqlName.of(status), actor, note);
    boolean settled = engine
        .journals()
        .read(
            "settling rollback failure " + failureId,
            connection -> sql.settle(connection, failureId, how));
    if (!settled) {
      throw notOpen(before, failureId);
    }
    return required(failureId).failure();
  }

  private HoldfastException notOpen(StoredFailure before, UUID failureId) {
    RollbackFailureStatus status = required(failureId).failure().status();
    boolean retrying = status == RollbackFailureStatus.RETRYING;
    return new HoldfastException(
        retrying ? ErrorCode.EFFECT_RUNNING : ErrorCode.INVALID_ARGUMENT,
        "Rollback failure " + failureId + " of " + before.failure().effect() + " is "
            + (retrying ? "being retried elsewhere" : status + " already"),
        Map.of("failure", failureId, "status", status),
        null);
  }

  /**
   * Compensates again.
   *
   * @param changedRequest instead of the recorded one; null for the recorded one
   */
  public RollbackFailure retry(UUID failureId, @Nullable Object changedRequest) {
    StoredFailure failure = told(failureId);
    JournaledOperation operation = operation(failure);
    String json = changedRequest == null ? null : encode(operation, changedRequest);
    Owner owner = owners.get();
    Claim claim = engine
        .journals()
        .read(
            "retrying rollback failure " + failureId,
            connection -> sql.claim(connection, failureId, owner, json))
        .orElseThrow(() -> notOpen(failure, failureId));
    LogScope scope = engine.scope(failure.failure().effect());
    heartbeat.add(claim);
    try {
      attempt(failure.failure().effect(), operation, claim, owner.lease());
    } catch (Throwable e) {
      // Also an error: what is not noted is due again at once, and for ever.
      Uninterrupted.handBack(e);
      engine.hideIn(
          e, List.of(json == null ? operation : operation.with(Part.REQUEST, json), operation));
      note(claim, e);
    } finally {
      heartbeat.remove(claim);
      scope.close();
    }
    return required(failureId).failure();
  }

  private JournaledOperation operation(StoredFailure failure) {
    return operations(failure.failure().effect()).stream()
        .filter(candidate -> candidate.position().equals(failure.position()))
        .findFirst()
        .orElseThrow();
  }

  private List<JournaledOperation> operations(EffectId effect) {
    return engine.journals().load(effect).orElseThrow().operations();
  }

  private String encode(JournaledOperation operation, Object changedRequest) {
    HandlerKey key = HandlerKey.of(operation)
        .orElseThrow(() -> new HoldfastException(
            ErrorCode.INVALID_ARGUMENT,
            operation.label() + " is restored and not asked; its request cannot be changed"));
    return encode(key.getRequiredFrom(engine.handlers()).handler(), changedRequest);
  }

  private <Q> String encode(EffectHandler<Q, ?> handler, Object request) {
    if (!handler.requestType().isInstance(request)) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "Handler \"" + handler.name() + "\" is asked a "
              + handler.requestType().getName() + ", not a "
              + request.getClass().getName());
    }
    return engine.encode(
        handler.requests(),
        handler.requestType().cast(request),
        "the changed request of " + handler.name());
  }

  private void attempt(EffectId effect, JournaledOperation operation, Claim claim, Duration lease)
      throws Exception {
    Optional<HandlerKey> key = HandlerKey.of(operation);
    if (key.isEmpty()) {
      restore(effect, operation, claim);
      return;
    }
    Candidate candidate = key.get().getRequiredFrom(engine.handlers());
    EffectContext context = Engine.context(effect, operation, claim.epoch(), claim.attempt());
    try {
      engine.calls().compensate(candidate, new HandlerCalls.Work<Boolean>() {
        @Override
        public void requireAllowed(int number) {
          requireKept(claim, lease);
        }

        @Override
        public Boolean attempt(int number) throws Exception {
          return engine.observed(ActivityKind.COMPENSATE, candidate.name(), effect, () -> {
            compensate(operation, candidate.handler(), claim, context);
            return true;
          });
        }
      });
    } catch (CallFailedException e) {
      if (e.failure() instanceof Exception exception) {
        throw exception;
      }
      throw e;
    }
    succeeded(claim);
  }

  /** Asks the database before each attempt: during a pause, or while a process was paused, another may have taken the failure. */
  private void requireKept(Claim claim, Duration lease) {
    require(
        claim,
        "renewing the lease of the retry of",
        connection -> sql.renew(connection, claim, lease));
  }

  private void require(Claim claim, String doing, SqlWork<Boolean> guarded) {
    if (!engine.journals().read(doing + " rollback failure " + claim.failureId(), guarded)) {
      throw taken(claim);
    }
  }

  private void compensate(
      JournaledOperation operation, EffectHandler<?, ?> handler, Claim claim, EffectContext context)
      throws Exception {
    if (operation.kind() == OperationKind.STEP) {
      StepCompensation recorded =
          StepCompensation.decode(String.valueOf(operation.payload(Part.COMPENSATION)));
      String request = claim.request() == null ? recorded.request() : claim.request();
      StepCompensation.perform(handler, request, context);
    } else if (operation.payload(Part.RESPONSE) == null) {
      ofUnknownOutcome(operation, handler, claim, context);
    } else {
      Compensations.compensate(operation, handler, claim.request(), context);
    }
  }

  private <Q, S> void ofUnknownOutcome(
      JournaledOperation operation, EffectHandler<Q, S> handler, Claim claim, EffectContext context)
      throws Exception {
    if (handler.reconciliation().isEmpty() && handler.compensationByRequest().isEmpty()) {
      throw new OutcomeUnknownException(operation);
    }
    JournaledOperation known = operation;
    if (handler.reconciliation().isPresent()) {
      Q request = Compensations.request(operation, handler);
      Reconciliation<S> found =
          Attempts.found(handler, handler.reconciliation().get().reconcile(context, request));
      if (!(found instanceof Reconciliation.Done<S> done) || !handler.isCompensable()) {
        return;
      }
      known = operation.with(
          Part.RESPONSE,
          engine.encode(handler.responses(), done.response(), "the response of " + handler.name()));
    }
    Compensations.compensate(known, handler, claim.request(), context);
  }

  private void succeeded(Claim claim) {
    require(claim, "settling", connection -> sql.succeed(connection, claim, null));
  }

  private void restore(EffectId effect, JournaledOperation step, Claim claim) {
    new StepRestorer(engine.states(), operation -> false)
        .restore(effect, step, operations(effect), () -> {}, (transaction, restored) -> {
          try {
            String json = WrittenState.CODEC.encode(restored);
            if (!sql.succeed(transaction.connection(), claim, json)) {
              throw taken(claim);
            }
          } catch (SQLException e) {
            throw SqlFailure.translate(e, "settling rollback failure " + claim.failureId());
          }
        });
  }

  private static HoldfastException taken(Claim claim) {
    return new HoldfastException(
        ErrorCode.STALE_LEASE,
        "The retry of rollback failure " + claim.failureId()
            + " lost its lease, and another has taken it",
        Map.of("failure", claim.failureId()),
        null);
  }

  /** When that cannot be noted, what the attempt failed with is not to be lost. */
  @SuppressWarnings("ReferenceEquality") // The very failure is meant.
  private void note(Claim claim, Throwable failure) {
    try {
      failed(claim, failure);
    } catch (RuntimeException | Error e) {
      if (e != failure) {
        e.addSuppressed(failure);
      }
      throw e;
    }
  }

  private void failed(Claim claim, Throwable failure) {
    RollbackFailureCode code = failure instanceof OutcomeUnknownException
        ? RollbackFailureCode.OUTCOME_UNKNOWN
        : missing(failure) ? RollbackFailureCode.HANDLER_MISSING : Rollback.codeOf(failure);
    boolean kept = engine
        .journals()
        .read(
            "noting that the retry of rollback failure " + claim.failureId() + " failed",
            connection -> sql.fail(
                connection,
                claim,
                SqlName.of(code),
                engine.text(failure),
                engine.retries().pauseAfter(claim.attempt())));
    if (!kept && !isSettledBy(claim)) {
      throw taken(claim);
    }
  }

  /** Its success was written, and only the reply was lost: nobody has claimed it since, and no person has settled it. */
  private boolean isSettledBy(Claim claim) {
    RollbackFailure now = required(claim.failureId()).failure();
    return now.status() == RollbackFailureStatus.RESOLVED
        && now.settled().isEmpty()
        && now.history().attempts() == claim.attempt();
  }

  /** Those that are to be retried by now, the most overdue first, by effect transaction. */
  Map<EffectId, List<StoredFailure>> due() {
    Map<EffectId, List<StoredFailure>> due = new LinkedHashMap<>();
    for (StoredFailure each : engine
        .journals()
        .read(
            "looking for rollback failures that are due",
            connection -> reader.due(connection, MAX_DUE))) {
      due.computeIfAbsent(each.failure().effect(), effect -> new ArrayList<>()).add(each);
    }
    return due;
  }

  /** Retries one, if this process has its handler; what it fails with is only logged. */
  void retryDue(StoredFailure due) {
    UUID id = due.failure().id();
    try {
      if (isAble(due)) {
        RollbackFailure unused = retry(id, null);
      }
    } catch (RuntimeException e) {
      log.debug("Rollback failure {} could not be retried", id, e);
    }
  }

  private boolean isAble(StoredFailure failure) {
    return HandlerKey.of(operation(failure))
        .map(key -> key.findIn(engine.handlers()).isPresent())
        .orElse(true);
  }

  private static boolean missing(Throwable failure) {
    return failure instanceof HoldfastException holdfast
        && holdfast.code() == ErrorCode.HANDLER_MISSING;
  }
}
