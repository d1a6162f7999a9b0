package dev.holdfast.health;

/** How something is, from best to worst. */
public enum HealthStatus {
  /** As it should be. */
  HEALTHY(1),
  /** It works, and somebody should look at it. */
  DEGRADED(0.5),
  /** Nothing is known, or what is known is too old. */
  UNKNOWN(0),
  /** It does not work. */
  UNHEALTHY(0);

  private final double score;

  HealthStatus(double score) {
    this.score = score;
  }

  /** What it adds to the score of all, 0 to 1. */
  public double score() {
    return score;
  }

  /** The worse of the two. */
  public HealthStatus worse(HealthStatus other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
