package dev.holdfast.integration.isolation;

import dev.holdfast.Holdfast;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.testkit.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** Opens a Holdfast for each test, and the stage that the test plays on. */
abstract class StageFixture {

  private final TestDatabase database;
  private final Holdfast holdfast;
  private @Nullable Stage opened;

  StageFixture(TestDatabase database) {
    this.database = database;
    this.holdfast = Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.libraryUser(), database.libraryPassword())
        .build();
  }

  @AfterEach
  final void close() {
    if (opened != null) {
      opened.close();
    }
    holdfast.close();
  }

  final TestDatabase database() {
    return database;
  }

  final Stage stage(String name, Isolation level) {
    opened = new Stage(holdfast, database, level, name);
    return opened;
  }
}
