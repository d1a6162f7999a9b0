package dev.holdfast.effect.event;

/** Carries events away, say to a broker. Must be safe for use by multiple threads. */
@FunctionalInterface
public interface EventPublisher {

  /**
   * Returns when the event is in safe hands. May be called again with the same id, when an attempt failed or its process died.
   *
   * @throws Exception when it is not, or that is not known; nothing may be dropped in silence
   */
  void publish(Emission event) throws Exception;
}
