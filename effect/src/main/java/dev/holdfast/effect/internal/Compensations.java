package dev.holdfast.effect.internal;

import dev.holdfast.effect.handler.Compensate;
import dev.holdfast.effect.handler.EffectContext;
import dev.holdfast.effect.handler.EffectHandler;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Compensates a remote operation from what is recorded of it. */
final class Compensations {

  private Compensations() {}

  /** The recorded request. */
  static <Q> Q request(JournaledOperation operation, EffectHandler<Q, ?> handler) {
    String json =
        Objects.requireNonNull(operation.payload(Part.REQUEST), "a remote operation has a request");
    return StepCompensation.decodeRequest(handler, json);
  }

  /**
   * Calls the compensation.
   *
   * @param changedRequest instead of the recorded one, as JSON; null for the recorded one
   */
  @SuppressWarnings("NullAway") // A handler that answers null compensates null.
  static <Q, S> void compensate(
      JournaledOperation operation,
      EffectHandler<Q, S> handler,
      @Nullable String changedRequest,
      EffectContext context)
      throws Exception {
    Q request = changedRequest == null
        ? request(operation, handler)
        : StepCompensation.decodeRequest(handler, changedRequest);
    Optional<Compensate<Q, S>> compensation = handler.compensation();
    if (compensation.isPresent()) {
      String response = operation.payload(Part.RESPONSE);
      compensation
          .get()
          .compensate(
              context, request, response == null ? null : handler.responses().decode(response));
    } else {
      handler.compensationByRequest().orElseThrow().compensate(context, request);
    }
  }
}
