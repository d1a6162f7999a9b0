package dev.holdfast.health;

/**
 * Looks whether something works. It is called in a thread of its own, never twice at the same time, and is interrupted when its time is
 * over. What it throws is a failed check.
 */
@FunctionalInterface
public interface HealthCheck {

  /**
   * Looks.
   *
   * @throws Exception when it does not work; only the names of its class and of its causes' are shown
   */
  HealthResult check() throws Exception;
}
