package dev.holdfast.health;

/**
 * Learns that a status has changed, of a check or of all together. Called in the thread that made the checks, after all of them, so it should not take long.
 * What it throws is logged. Must be safe for use by multiple threads.
 */
@FunctionalInterface
public interface HealthListener {

  /** The status of a check has changed. */
  void onChange(HealthChange change);

  /** The status of all checks together has changed; not called when results are not aggregated. Does nothing unless overridden. */
  default void onStatusChange(HealthStatusChange change) {}
}
