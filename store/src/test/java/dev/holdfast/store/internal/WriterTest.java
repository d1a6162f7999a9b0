package dev.holdfast.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.StateId;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Every item keeps its call and its author, also where the statement for many values says them once. */
@HoldfastTest
final class WriterTest {

  private static final Author AGENT = new Author("agent", "asked");

  private final TestDatabase database;
  private final Writer writer;

  WriterTest(TestDatabase database) {
    this.database = database;
    this.writer = new Writer(database.schema(), 64);
  }

  private List<String> written(StateId state, List<Item> items) throws SQLException {
    try (Connection connection = database.dataSource().getConnection()) {
      ChangeSet set = new ChangeSet(state, state.uuid(), AGENT, UUID.randomUUID(), null, items);
      // Once as the first write, which makes the row of the state, and once behind it.
      for (long version = 1; version <= 2; version++) {
        assertThat(writer.write(connection, set, version == 1))
            .isEqualTo(new WriteOutcome.Written(version));
      }
    }
    return database.queryStrings("""
        SELECT concat_ws(' ', version, key, operation, actor, coalesce(reason, '-'), payload::text)
        FROM holdfast.change WHERE state_id = '%s' ORDER BY version, key""".formatted(state.uuid()));
  }

  @Test
  void itemsOfOneCallHaveTheAuthorOfTheSet() throws SQLException {
    assertThat(written(
            new StateId("writer", "one-call"),
            List.of(
                Item.value("a", Operation.UPDATE, "1"), Item.value("b", Operation.UPDATE, "2"))))
        .containsExactly(
            "1 a update agent asked 1",
            "1 b update agent asked 2",
            "2 a update agent asked 1",
            "2 b update agent asked 2");
  }

  @Test
  void itemsOfSeveralCallsKeepTheirOwn() throws SQLException {
    assertThat(written(
            new StateId("writer", "several-calls"),
            List.of(
                Item.value("a", Operation.SET, "1"),
                Item.value("b", Operation.UPDATE, "2").by(new Author("other", null)),
                Item.value("c", Operation.SET, "3"))))
        .containsExactly(
            "1 a set agent asked 1",
            "1 b update other - 2",
            "1 c set agent asked 3",
            "2 a set agent asked 1",
            "2 b update other - 2",
            "2 c set agent asked 3");
  }
}
