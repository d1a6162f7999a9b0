package dev.holdfast.health;

/**
 * A status that has changed. Immutable.
 *
 * @param check the name of the check
 * @param before the status before; UNKNOWN for the first
 * @param after the status since then
 * @param message what the check said
 */
public record HealthChange(String check, HealthStatus before, HealthStatus after, String message) {}
