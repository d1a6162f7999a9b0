package dev.holdfast.health;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How everything stands. Immutable.
 *
 * @param at when this was put together, by the clock of this process
 * @param live whether the process itself works; if not, only a restart helps
 * @param checks in the order in which they were given
 * @param aggregated whether there is one result of all
 */
public record HealthReport(Instant at, boolean live, List<CheckReport> checks, boolean aggregated) {

  /** Copies the checks. */
  public HealthReport {
    checks = List.copyOf(checks);
  }

  /** Whether the process can do its work: it is live, and every dependency is healthy or degraded. */
  public boolean ready() {
    return live
        && checks.stream()
            .filter(check -> check.scope() == CheckScope.DEPENDENCY)
            .allMatch(CheckReport::isUsable);
  }

  /** The worst status of all checks, HEALTHY without checks; empty when results are not aggregated. */
  public Optional<HealthStatus> status() {
    return aggregated
        ? Optional.of(checks.stream()
            .map(CheckReport::status)
            .reduce(HealthStatus.HEALTHY, HealthStatus::worse))
        : Optional.empty();
  }

  /** The mean of the scores of all checks, 0 to 1, and 1 without checks; empty when results are not aggregated. */
  public OptionalDouble score() {
    return aggregated
        ? OptionalDouble.of(checks.stream()
            .mapToDouble(check -> check.status().score())
            .average()
            .orElse(1))
        : OptionalDouble.empty();
  }

  /** One check; empty when there is none of this name. */
  public Optional<CheckReport> check(String name) {
    return checks.stream().filter(check -> check.name().equals(name)).findFirst();
  }
}
