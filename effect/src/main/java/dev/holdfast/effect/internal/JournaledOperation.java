package dev.holdfast.effect.internal;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An operation as the journal has it. Immutable.
 *
 * @param position where it stands
 * @param kind what it is
 * @param name of the handler, step or scope
 * @param status how it stands
 * @param error why it failed or is not known
 * @param payloads what was written about it, as JSON
 */
record JournaledOperation(
    Position position,
    OperationKind kind,
    String name,
    OperationStatus status,
    @Nullable String error,
    Map<Part, String> payloads) {

  JournaledOperation {
    payloads = Map.copyOf(payloads);
  }

  static JournaledOperation intended(Position position, OperationKind kind, String name) {
    return new JournaledOperation(position, kind, name, OperationStatus.INTENDED, null, Map.of());
  }

  JournaledOperation as(OperationStatus newStatus, @Nullable String newError) {
    return new JournaledOperation(position, kind, name, newStatus, newError, payloads);
  }

  JournaledOperation as(OperationStatus newStatus) {
    return as(newStatus, null);
  }

  JournaledOperation with(Part part, String json) {
    Map<Part, String> more = new EnumMap<>(Part.class);
    more.putAll(payloads);
    more.put(part, json);
    return new JournaledOperation(position, kind, name, status, error, more);
  }

  @Nullable
  String payload(Part part) {
    return payloads.get(part);
  }

  /** For messages. */
  String label() {
    return switch (kind) {
      case REMOTE -> "operation " + position + " (" + name + ")";
      case STEP -> "step " + position + " (" + name + ")";
      case SCOPE -> "scope " + position + " (" + name + ")";
    };
  }
}
