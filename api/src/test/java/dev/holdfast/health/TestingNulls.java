package dev.holdfast.health;

import org.jspecify.annotations.NullUnmarked;

/** Code that is not checked for nulls. */
@NullUnmarked
final class TestingNulls {

  private TestingNulls() {}

  static HealthResult nothing() {
    return null;
  }
}
