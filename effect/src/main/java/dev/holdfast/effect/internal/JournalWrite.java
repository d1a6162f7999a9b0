package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one statement writes to the journal of one effect transaction. Confined to one thread, or guarded by the journal's lock. */
final class JournalWrite {

  private final Map<Position, JournaledOperation> operations = new LinkedHashMap<>();
  private final Map<Position, JournaledOperation> intents = new LinkedHashMap<>();
  private final Map<Position, Outcome> outcomes = new LinkedHashMap<>();
  private final Map<Position, JournaledOperation> compensations = new LinkedHashMap<>();
  private final List<Payload> payloads = new ArrayList<>();
  private final Map<String, Attempt> attempts = new LinkedHashMap<>();
  private final List<FailureRow> failures = new ArrayList<>();
  private @Nullable EffectStatus status;
  private @Nullable String error;

  /** An operation that the journal does not have yet, with its request. */
  JournalWrite intent(JournaledOperation operation) {
    intents.put(operation.position(), operation);
    operations.put(operation.position(), operation);
    return this;
  }

  /** The newest status of an operation, with its response when it has just ended. */
  JournalWrite operation(JournaledOperation operation) {
    if (operation.status().isOfCompensation()) {
      compensations.put(operation.position(), operation);
    } else {
      outcomes.put(operation.position(), Outcome.of(operation));
    }
    operations.put(operation.position(), operation);
    return this;
  }

  /** The result of the effect transaction, as JSON. */
  JournalWrite result(String json) {
    outcomes.put(Position.ROOT, new Outcome(Position.ROOT, OperationStatus.SUCCEEDED, null, json));
    return this;
  }

  JournalWrite payload(Position position, Part part, String json) {
    payloads.add(new Payload(position, part, json));
    return this;
  }

  JournalWrite attempt(Attempt attempt) {
    attempts.put(attempt.key(), attempt);
    return this;
  }

  JournalWrite failure(FailureRow failure) {
    failures.add(failure);
    return this;
  }

  JournalWrite status(EffectStatus newStatus, @Nullable String why) {
    status = newStatus;
    error = why;
    return this;
  }

  /** What another one says, after what this one says. */
  JournalWrite plus(JournalWrite later) {
    operations.putAll(later.operations);
    intents.putAll(later.intents);
    outcomes.putAll(later.outcomes);
    compensations.putAll(later.compensations);
    payloads.addAll(later.payloads);
    attempts.putAll(later.attempts);
    failures.addAll(later.failures);
    if (later.status != null) {
      status(later.status, later.error);
    }
    return this;
  }

  boolean isEmpty() {
    return operations.isEmpty()
        && outcomes.isEmpty()
        && payloads.isEmpty()
        && attempts.isEmpty()
        && failures.isEmpty()
        && status == null;
  }

  /** How much JSON it carries. */
  long chars() {
    long chars = 0;
    for (JournaledOperation intent : intents.values()) {
      chars += length(intent.payload(Part.REQUEST));
    }
    for (Outcome outcome : outcomes.values()) {
      chars += length(outcome.response());
    }
    for (Payload payload : payloads) {
      chars += length(payload.json());
    }
    return chars;
  }

  private static int length(@Nullable String json) {
    return json == null ? 0 : json.length();
  }

  /** Those whose status is new, each with the newest. */
  Collection<JournaledOperation> operations() {
    return operations.values();
  }

  Collection<JournaledOperation> intents() {
    return intents.values();
  }

  Collection<Outcome> outcomes() {
    return outcomes.values();
  }

  Collection<JournaledOperation> compensations() {
    return compensations.values();
  }

  Collection<Payload> payloads() {
    return payloads;
  }

  Collection<Attempt> attempts() {
    return attempts.values();
  }

  Collection<FailureRow> failures() {
    return failures;
  }

  @Nullable
  EffectStatus status() {
    return status;
  }

  @Nullable
  String error() {
    return error;
  }

  /**
   * How an operation, or the whole, ended.
   *
   * @param response as JSON
   */
  record Outcome(
      Position position,
      OperationStatus status,
      @Nullable String error,
      @Nullable String response) {

    static Outcome of(JournaledOperation operation) {
      return new Outcome(
          operation.position(),
          operation.status(),
          operation.error(),
          operation.payload(Part.RESPONSE));
    }
  }

  /** A payload that is new. */
  record Payload(Position position, Part part, String json) {}
}
