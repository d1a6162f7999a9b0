package dev.holdfast.health;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What one check found. Immutable. Sensitive fields of the details, and what looks like one in texts, are hidden when it is reported.
 *
 * @param status HEALTHY; DEGRADED, which is good enough to count as a good check; or UNHEALTHY, which counts as a failed one
 * @param message one line for people; empty when there is nothing to say
 * @param details numbers, booleans and texts by name; other objects become the text they print
 */
public record HealthResult(HealthStatus status, String message, Map<String, Object> details) {

  private static final HealthResult HEALTHY = new HealthResult(HealthStatus.HEALTHY, "", Map.of());

  /** Copies the details, and prints those that are neither numbers nor booleans. A message that is null all the same is empty. */
  @SuppressWarnings(
      "NullAway") // Code that is not checked for nulls hands on what an exception says.
  public HealthResult {
    message = Objects.requireNonNullElse(message, "");
    Map<String, Object> plain = new LinkedHashMap<>();
    details.forEach((name, value) -> plain.put(
        Objects.requireNonNull(name, "the name of a detail"), isPlain(value) ? value : "" + value));
    details = Collections.unmodifiableMap(plain);
  }

  private static boolean isPlain(Object value) {
    return value instanceof Boolean
        || value instanceof Integer
        || value instanceof Long
        || value instanceof Double;
  }

  /** It works. */
  public static HealthResult healthy() {
    return HEALTHY;
  }

  /** It works, and somebody should look at it. */
  public static HealthResult degraded(String message) {
    return new HealthResult(HealthStatus.DEGRADED, message, Map.of());
  }

  /** It does not work. */
  public static HealthResult unhealthy(String message) {
    return new HealthResult(HealthStatus.UNHEALTHY, message, Map.of());
  }

  /** The same with one more detail. */
  public HealthResult with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(details);
    more.put(name, value);
    return new HealthResult(status, message, more);
  }
}
