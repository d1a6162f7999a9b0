package dev.holdfast.integration.docs;

import dev.holdfast.Holdfast;
import dev.holdfast.testkit.TestDatabase;

/** What samples have in common. */
final class Samples {

  private Samples() {}

  static Holdfast open(TestDatabase database) {
    return Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.user(), database.password())
        .maximumPoolSize(2)
        .build();
  }
}
