package dev.holdfast.effect.internal;

import dev.holdfast.effect.registry.Candidate;
import dev.holdfast.effect.registry.HandlerRegistry;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.JacksonCodec;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which candidate an operation is the business of. What a provider did, only the same provider can undo: another one knows nothing of its
 * bookings. Immutable.
 *
 * @param name of the handler
 * @param provider of the candidate
 */
record HandlerKey(String name, String provider) {

  private static final Codec<String> PROVIDER = JacksonCodec.of(String.class);

  static HandlerKey of(Candidate candidate) {
    return new HandlerKey(candidate.name(), candidate.provider());
  }

  /** Who performed a remote operation, or undoes a step; empty for a step that is restored and for a scope. */
  static Optional<HandlerKey> of(JournaledOperation operation) {
    String compensation = operation.payload(Part.COMPENSATION);
    if (compensation != null) {
      return Optional.of(StepCompensation.decode(compensation).key());
    }
    if (operation.kind() != OperationKind.REMOTE) {
      return Optional.empty();
    }
    String provider = operation.payload(Part.PROVIDER);
    return Optional.of(new HandlerKey(
        operation.name(),
        provider == null
            ? Candidate.DEFAULT_PROVIDER
            : Objects.requireNonNull(PROVIDER.decode(provider))));
  }

  /** As it is recorded; null for the default provider, which is not. */
  @Nullable
  String providerJson() {
    return isDefault() ? null : PROVIDER.encode(provider);
  }

  boolean isDefault() {
    return provider.equals(Candidate.DEFAULT_PROVIDER);
  }

  Optional<Candidate> findIn(HandlerRegistry handlers) {
    return handlers.resolve(name, provider);
  }

  Candidate getRequiredFrom(HandlerRegistry handlers) {
    return handlers.getRequired(name, provider);
  }

  HoldfastException missing() {
    return new HoldfastException(
        ErrorCode.HANDLER_MISSING,
        "There is no handler " + this + " to compensate with",
        Map.of("handler", name, "provider", provider),
        null);
  }

  @Override
  public String toString() {
    return "\"" + name + (isDefault() ? "" : "@" + provider) + "\"";
  }
}
