package dev.holdfast.effect.event;

import dev.holdfast.effect.handler.EffectContext;
import dev.holdfast.effect.handler.EffectHandler;

/**
 * Handlers that emit events. An event that cannot be emitted fails its operation: there is no way to lose one in silence, and none to
 * register a handler without a publisher.
 *
 * <pre>{@code
 * effects.register(EventEmission.emit(event -> broker.send(event.topic(), event.id(), event.payload())));
 * effects.run("book-trip", "trip-42", effect ->
 *     effect.perform(EventEmission.EMIT, new EmitEvent("trip.booked", json(trip))));
 * }</pre>
 *
 * <p>Delivery is at least once, with the same id each time. What is to be told exactly when a state changes is better read from the change
 * feed, which tells it after the commit.
 */
public final class EventEmission {

  /** Name of the handler that is asked an {@link EmitEvent}. What was emitted stays when the effect transaction is rolled back. */
  public static final String EMIT = "event.emit";

  /** Name of the handler that is asked a {@link RetractableEvent}. */
  public static final String EMIT_RETRACTABLE = "event.emit_retractable";

  private EventEmission() {}

  /** A handler of the name {@value #EMIT}, without compensation: an event cannot be called back. */
  public static EffectHandler<EmitEvent, Void> emit(EventPublisher publisher) {
    return EffectHandler.of(EMIT, EmitEvent.class, Void.class).perform((context, event) -> {
      publisher.publish(emission(context, "", event));
      return null;
    });
  }

  /** A handler of the name {@value #EMIT_RETRACTABLE}, whose compensation emits the retraction. */
  public static EffectHandler<RetractableEvent, Void> emitRetractable(EventPublisher publisher) {
    return EffectHandler.of(EMIT_RETRACTABLE, RetractableEvent.class, Void.class)
        .perform((context, request) -> {
          publisher.publish(emission(context, "", request.event()));
          return null;
        })
        .compensate((context, request) ->
            publisher.publish(emission(context, "/retraction", request.retraction())));
  }

  private static Emission emission(EffectContext context, String suffix, EmitEvent event) {
    return new Emission(context.idempotencyKey() + suffix, event.topic(), event.payload());
  }
}
