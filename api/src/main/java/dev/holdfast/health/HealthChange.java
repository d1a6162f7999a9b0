package dev.holdfast.health;

/**
 * A status that has changed. Immutable.
 *
 * @param check the name of the check
 * @param before the status before; UNKNOWN for the first
 * @param after the status since then
 * @param message what the check said
 */
public record HealthChange(String check, HealthStatus before, HealthStatus after, String message) {

  /**
   * The type of the event on the bus that says so, of the topic {@code health.check}; its payload has {@code check}, {@code before}, {@code
   * after} and {@code message}.
   */
  public static final String EVENT_TYPE = "health_check_changed";
}
