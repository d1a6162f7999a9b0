package dev.holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.store.json.Json;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The tests of this module run with the rights of {@code holdfast_app}; what it must not be able to do, it cannot do. */
@HoldfastTest
@Tag("G6")
final class AppendOnlyTest {

  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  private final TestDatabase database;

  @AutoClose
  private final TestingStore store;

  AppendOnlyTest(TestDatabase database) {
    this.database = database;
    this.store = TestingStore.on(database);
  }

  @BeforeEach
  void write() {
    assumeTrue(
        !database.libraryUser().equals(database.user()), "the library connects as the owner");
    State<JsonNode> state = store.state();
    state.set("n", Json.json(1));
    state.tag("here");
  }

  @Test
  void theLibraryIsAMemberOfTheRole() throws SQLException {
    try (Connection connection = store.connection();
        Statement statement = connection.createStatement();
        var row = statement.executeQuery("SELECT pg_has_role('holdfast_app', 'MEMBER'),"
            + " (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)")) {
      row.next();
      assertThat(row.getBoolean(1)).isTrue();
      assertThat(row.getBoolean(2)).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE holdfast.change SET payload = '2'",
        "UPDATE holdfast.change SET form = 'value'",
        "DELETE FROM holdfast.change",
        "TRUNCATE holdfast.change",
        "UPDATE holdfast.tag SET version = 0",
        "DELETE FROM holdfast.tag",
        "DELETE FROM holdfast.state",
        "UPDATE holdfast.history_cut SET version = 1",
        "DELETE FROM holdfast.history_cut",
        "DELETE FROM holdfast.history_removal",
        "INSERT INTO holdfast.history_removal (state_id, run_id, version, removed, folded, began_at, ended_at)"
            + " VALUES (gen_random_uuid(), gen_random_uuid(), 1, 0, 0, now(), now())"
      })
  void historyCannotBeTouched(String sql) {
    assertThatThrownBy(() -> {
          try (Connection connection = store.connection();
              Statement statement = connection.createStatement()) {
            statement.execute(sql);
          }
        })
        .isInstanceOfSatisfying(
            SQLException.class,
            e -> assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo(INSUFFICIENT_PRIVILEGE));
  }
}
