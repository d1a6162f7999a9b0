package dev.holdfast.health;

import org.jspecify.annotations.NullUnmarked;

/** Code that is not checked for nulls. */
@NullUnmarked
final class TestingNulls {

  private TestingNulls() {}

  /** As of an exception that says nothing. */
  static HealthResult withoutMessage() {
    return HealthResult.unhealthy(new IllegalStateException().getMessage());
  }

  static HealthResult withNamelessDetail() {
    return HealthResult.healthy().with(null, 1);
  }

  static HealthResult nothing() {
    return null;
  }
}
