package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one statement writes to the journal of one effect transaction. Confined to one thread, or guarded by the journal's lock. */
final class JournalWrite {

  private final Map<Position, JournaledOperation> operations = new LinkedHashMap<>();
  private final List<Payload> payloads = new ArrayList<>();
  private final Map<String, Attempt> attempts = new LinkedHashMap<>();
  private final List<FailureRow> failures = new ArrayList<>();
  private @Nullable EffectStatus status;
  private @Nullable String error;

  /** The newest status of an operation. */
  JournalWrite operation(JournaledOperation operation) {
    operations.put(operation.position(), operation);
    return this;
  }

  /** An operation whose status changes, with a payload that is new. */
  JournalWrite operation(JournaledOperation operation, Part part, String json) {
    payload(operation.position(), part, json);
    return operation(operation.with(part, json));
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
        && payloads.isEmpty()
        && attempts.isEmpty()
        && failures.isEmpty()
        && status == null;
  }

  /** How much JSON it carries. */
  long chars() {
    return payloads.stream().mapToLong(payload -> payload.json().length()).sum();
  }

  List<JournaledOperation> operations() {
    return List.copyOf(operations.values());
  }

  List<Payload> payloads() {
    return payloads;
  }

  List<Attempt> attempts() {
    return List.copyOf(attempts.values());
  }

  List<FailureRow> failures() {
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

  /** A payload that is new. */
  record Payload(Position position, Part part, String json) {}
}
