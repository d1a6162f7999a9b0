package dev.holdfast.event;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Instant;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What is missing is refused where the event is made, and named. */
@SuppressWarnings("NullAway") // That is the point.
class EventTest {

  private static final UUID ID = UUID.randomUUID();

  private static void assertRefused(ThrowingCallable making, String message) {
    assertThatThrownBy(making)
        .isInstanceOfSatisfying(
            HoldfastException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessage(message);
  }

  @Test
  void anEventWithoutATypeIsRefused() {
    assertRefused(() -> Event.of(null, json(1)), "The type of an event must not be null");
    assertRefused(() -> Event.of("", json(1)), "The type of an event must not be empty");
  }

  @Test
  void anEventWithoutATopicIsRefused() {
    Event event = Event.of("booked", json(1));
    assertRefused(() -> event.topic(null), "The topic of an event must not be null");
    assertRefused(() -> event.topic(""), "The topic of an event must not be empty");
  }

  @Test
  void nothingElseIsMissingButTheCorrelationId() {
    assertRefused(() -> Event.of("booked", null), "The payload of an event must not be null");
    assertRefused(
        () -> new Event(null, "booked", "trips", 0, Instant.EPOCH, null, json(1)),
        "The id of an event must not be null");
    assertRefused(
        () -> new Event(ID, "booked", "trips", 0, null, null, json(1)),
        "The at of an event must not be null");
    Event event = new Event(ID, "booked", "trips", 0, Instant.EPOCH, "run-7", json(1));
    assertThat(event.correlationId(null).correlation()).isEmpty();
  }
}
