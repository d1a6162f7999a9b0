package dev.holdfast;

import dev.holdfast.event.Event;
import dev.holdfast.event.EventBus;
import dev.holdfast.health.HealthChange;
import dev.holdfast.health.HealthListener;
import dev.holdfast.health.HealthStatusChange;
import dev.holdfast.store.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/** Publishes changes of health on the event bus. Safe for use by multiple threads. */
final class HealthEvents implements HealthListener {

  private final EventBus events;

  HealthEvents(EventBus events) {
    this.events = events;
  }

  @Override
  public void onChange(HealthChange change) {
    Map<String, Object> payload = new LinkedHashMap<>();
    payload.put("check", change.check());
    payload.put("before", change.before().name());
    payload.put("after", change.after().name());
    payload.put("message", change.message());
    publish(HealthChange.EVENT_TYPE, "health.check", payload);
  }

  @Override
  public void onStatusChange(HealthStatusChange change) {
    publish(
        HealthStatusChange.EVENT_TYPE,
        "health.status",
        Map.of("before", change.before().name(), "after", change.after().name()));
  }

  private void publish(String type, String topic, Map<String, Object> payload) {
    events.publish(Event.of(type, Json.json(payload)).topic(topic));
  }
}
