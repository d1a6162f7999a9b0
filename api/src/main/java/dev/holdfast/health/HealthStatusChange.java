package dev.holdfast.health;

/**
 * The status of all checks together has changed. Immutable.
 *
 * @param before the status before; UNKNOWN for the first
 * @param after the status since then
 */
public record HealthStatusChange(HealthStatus before, HealthStatus after) {

  /** The type of the event on the bus that says so, of the topic {@code health.status}; its payload has {@code before} and {@code after}. */
  public static final String EVENT_TYPE = "health_status_changed";
}
