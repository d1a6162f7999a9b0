package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.migrations.Migrations;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@HoldfastTest(invariants = false)
class SchemaWordTest {

  private final TestDatabase database;

  SchemaWordTest(TestDatabase database) {
    this.database = database;
  }

  /** Those that are no name, no name of a table, no name of a type, and none in PL/pgSQL. */
  @ParameterizedTest
  @ValueSource(strings = {"user", "order", "left", "values", "json", "row", "loop"})
  void aWordThatHasToBeQuotedIsRefusedBeforeAnythingIsMade(String word) {
    Migrations migrations = Migrations.of(database.dataSource(), new SchemaName(word));
    assertThatThrownBy(migrations::migrate)
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
        .hasMessageContaining("\"" + word + "\"");
    assertThat(database.queryStrings("SELECT nspname FROM pg_namespace")).doesNotContain(word);
  }

  @Test
  void otherWordsOfTheLanguageAreNames() {
    Migrations migrations = Migrations.of(database.dataSource(), new SchemaName("data"));
    assertThat(migrations.migrate()).isPositive();
    migrations.validate();
  }
}
