package dev.holdfast.health;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How one check stands. Immutable.
 *
 * @param name of the check
 * @param scope what it looks at
 * @param status after the thresholds: a single failed check makes it DEGRADED, a row of them UNHEALTHY
 * @param result what the last check found
 * @param lastCheck when it ended, by the clock of this process; null before the first
 * @param took how long it took
 * @param streak failed checks in a row, or good ones while they are too few; otherwise 0
 */
public record CheckReport(
    String name,
    CheckScope scope,
    HealthStatus status,
    HealthResult result,
    @Nullable Instant lastCheck,
    Duration took,
    int streak) {

  /** When the last check ended; empty before the first. */
  public Optional<Instant> checkedAt() {
    return Optional.ofNullable(lastCheck);
  }

  boolean isUsable() {
    return status == HealthStatus.HEALTHY || status == HealthStatus.DEGRADED;
  }
}
