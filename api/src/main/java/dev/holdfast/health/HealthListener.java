package dev.holdfast.health;

/**
 * Learns that the status of a check has changed. Called in the thread that made the checks, after all of them, so it should not take long.
 * What it throws is logged. Must be safe for use by multiple threads.
 */
@FunctionalInterface
public interface HealthListener {

  /** A status has changed. */
  void onChange(HealthChange change);
}
