package dev.holdfast.effect.internal;

import dev.holdfast.effect.handler.EffectContext;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.registry.Candidate;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.JacksonCodec;
import org.jspecify.annotations.Nullable;

/**
 * The call that undoes a step instead of restoring it, as it is recorded. Immutable.
 *
 * @param handler its name
 * @param request what it is asked, as JSON text
 * @param provider of the candidate that was active; null for the default one
 */
record StepCompensation(
    String handler, String request, @Nullable String provider) {

  private static final JacksonCodec<StepCompensation> CODEC =
      JacksonCodec.of(StepCompensation.class);

  static String encode(Engine engine, Candidate candidate, @Nullable Object request) {
    HandlerKey key = HandlerKey.of(candidate);
    return CODEC.encode(new StepCompensation(
        key.name(),
        encode(engine, candidate.handler(), request),
        key.isDefault() ? null : key.provider()));
  }

  private static <Q> String encode(
      Engine engine, EffectHandler<Q, ?> handler, @Nullable Object request) {
    if (!handler.requestType().isInstance(request)) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "Handler \"" + handler.name() + "\", which is to undo a step, is asked a "
              + handler.requestType().getName());
    }
    return engine.encode(
        handler.requests(),
        handler.requestType().cast(request),
        "the request of " + handler.name());
  }

  static StepCompensation decode(String json) {
    StepCompensation compensation = CODEC.decode(json);
    if (compensation == null) {
      throw new IllegalStateException("A recorded compensation is never null");
    }
    return compensation;
  }

  HandlerKey key() {
    return new HandlerKey(handler, provider == null ? Candidate.DEFAULT_PROVIDER : provider);
  }

  /** Calls the handler. */
  static <Q> void perform(EffectHandler<Q, ?> handler, String request, EffectContext context)
      throws Exception {
    handler.performRequired().perform(context, decodeRequest(handler, request));
  }

  @SuppressWarnings("NullAway") // A request is never null, see encode.
  static <Q> Q decodeRequest(EffectHandler<Q, ?> handler, String json) {
    return handler.requests().decode(json);
  }
}
