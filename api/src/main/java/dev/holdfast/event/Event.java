package dev.holdfast.event;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Something that happened, for listeners of this process. Immutable as far as the payload is, which nobody may change: all listeners get
 * the same tree.
 *
 * @param id identifies the event; a listener that gets it again after a failure knows it by this
 * @param type what happened, such as {@code booking_confirmed}
 * @param topic where it belongs, words between dots, such as {@code trips.booking}
 * @param priority greater comes first, where the contract routes by priority
 * @param at when it was made, by the clock of the process
 * @param correlationId what ties it to a request or run; null when not known
 * @param payload what else there is to say
 */
public record Event(
    UUID id,
    String type,
    String topic,
    int priority,
    Instant at,
    @Nullable String correlationId,
    JsonNode payload) {

  /**
   * Refuses what is missing where the event is made, which says more than where it is published. What else a name may be is the contract's.
   *
   * @throws HoldfastException with {@link ErrorCode#INVALID_ARGUMENT} when type or topic is empty, or anything but the correlation id null
   */
  public Event {
    requireGiven("id", id);
    requireText("type", type);
    requireText("topic", topic);
    requireGiven("at", at);
    requireGiven("payload", payload);
  }

  private static void requireText(String field, String text) {
    requireGiven(field, text);
    if (text.isEmpty()) {
      throw missing(field, "empty");
    }
  }

  private static void requireGiven(String field, @Nullable Object value) {
    if (value == null) {
      throw missing(field, "null");
    }
  }

  private static HoldfastException missing(String field, String what) {
    return new HoldfastException(
        ErrorCode.INVALID_ARGUMENT, "The " + field + " of an event must not be " + what);
  }

  /** An event of priority 0 that happened now, whose topic is its type. */
  public static Event of(String type, JsonNode payload) {
    return new Event(UUID.randomUUID(), type, type, 0, Instant.now(), null, payload);
  }

  /** The same event with another topic. */
  public Event topic(String other) {
    return new Event(id, type, other, priority, at, correlationId, payload);
  }

  /** The same event with another priority. */
  public Event priority(int other) {
    return new Event(id, type, topic, other, at, correlationId, payload);
  }

  /** The same event with another correlation id. */
  public Event correlationId(@Nullable String other) {
    return new Event(id, type, topic, priority, at, other, payload);
  }

  /** What ties it to a request or run. */
  public Optional<String> correlation() {
    return Optional.ofNullable(correlationId);
  }

  /** Names the event; the payload may hold what must not be shown. */
  @Override
  public String toString() {
    return "Event[" + type + " " + id + ", topic=" + topic + "]";
  }
}
