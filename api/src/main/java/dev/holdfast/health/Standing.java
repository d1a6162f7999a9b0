package dev.holdfast.health;

/**
 * How a check stands after its results so far. Immutable.
 *
 * @param status after the thresholds
 * @param failures failed checks in a row
 * @param recoveries good checks in a row since it was unhealthy; 0 otherwise
 */
record Standing(HealthStatus status, int failures, int recoveries) {

  static final Standing UNKNOWN = new Standing(HealthStatus.UNKNOWN, 0, 0);

  /** After one more result. */
  Standing after(HealthStatus found, int failureThreshold, int recoveryThreshold) {
    return isGood(found) ? good(found, recoveryThreshold) : failed(failureThreshold);
  }

  private static boolean isGood(HealthStatus found) {
    return found == HealthStatus.HEALTHY || found == HealthStatus.DEGRADED;
  }

  private Standing good(HealthStatus found, int recoveryThreshold) {
    boolean recovered = status != HealthStatus.UNHEALTHY || recoveries + 1 >= recoveryThreshold;
    return recovered
        ? new Standing(found, 0, 0)
        : new Standing(HealthStatus.UNHEALTHY, 0, recoveries + 1);
  }

  private Standing failed(int failureThreshold) {
    int row = Math.min(failures + 1, Integer.MAX_VALUE - 1);
    boolean down = status == HealthStatus.UNHEALTHY || row >= failureThreshold;
    return new Standing(down ? HealthStatus.UNHEALTHY : HealthStatus.DEGRADED, row, 0);
  }

  int streak() {
    return Math.max(failures, recoveries);
  }
}
