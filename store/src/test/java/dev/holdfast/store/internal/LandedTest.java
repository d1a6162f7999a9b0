package dev.holdfast.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.StateId;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What was written is found again whatever was written since, and what was not is not looked for in all of history. */
// The rows are made up by SQL.
@HoldfastTest(invariants = false)
@Tag("G4")
final class LandedTest {

  private static final int VERSIONS = 20_000;
  private static final Pattern BUFFERS = Pattern.compile("Buffers: shared hit=(\\d+)");

  private final StateId state = new StateId("landed", UUID.randomUUID().toString());
  private final TestDatabase database;
  private final Writer writer;

  LandedTest(TestDatabase database) {
    this.database = database;
    this.writer = new Writer(database.schema(), 64);
    database.execute("""
        INSERT INTO holdfast.state (state_id, namespace, name, version, changed_at, created_at)
        VALUES ('%s', '%s', '%s', %d, now(), now())""".formatted(state.uuid(), state.namespace(), state.name(), VERSIONS));
    database.execute("""
        INSERT INTO holdfast.change (state_id, key, version, operation, changed_at, transaction_id, form, payload)
        SELECT '%s', 'k', n, 'set', now() - interval '1 day', gen_random_uuid(), 'value', '1'
        FROM generate_series(1, %d) AS n""".formatted(state.uuid(), VERSIONS));
    database.execute("VACUUM ANALYZE holdfast.change");
  }

  @Test
  void isFoundWhateverWasKnownBeforeAndWrittenSince() throws SQLException {
    try (Connection connection = database.dataSource().getConnection()) {
      List<ChangeSet> sets = List.of(
          set(null, value()),
          set(null, value()).seen(VERSIONS + 1),
          set(VERSIONS + 2L, value()),
          set(null, value().guardedBy(VERSIONS + 3)));
      List<Long> versions = new ArrayList<>();
      for (ChangeSet set : sets) {
        versions.add(((WriteOutcome.Written) writer.write(connection, set, false)).version());
      }
      for (int later = 0; later < 2; later++) {
        for (int i = 0; i < sets.size(); i++) {
          assertThat(writer.landed(connection, sets.get(i))).hasValue(versions.get(i));
        }
        // Others go on, for longer than anybody looks back without knowing a version.
        raise(VERSIONS);
      }
    }
  }

  /** A server that took over may be without the last versions that were seen on the one before. */
  @Test
  void isFoundWhenTheServerHasLostTheVersionThatWasSeen() throws SQLException {
    try (Connection connection = database.dataSource().getConnection()) {
      ChangeSet set = set(null, value()).seen(VERSIONS + 500);

      assertThat(writer.write(connection, set, false))
          .isEqualTo(new WriteOutcome.Written(VERSIONS + 1));

      for (int later = 0; later < 2; later++) {
        assertThat(writer.landed(connection, set)).hasValue(VERSIONS + 1);
        raise(VERSIONS);
      }
    }
  }

  /** The control is a change set of which nothing is known. */
  @Test
  void isNotLookedForInAllOfHistory() throws SQLException {
    for (String mode : List.of("force_custom_plan", "force_generic_plan")) {
      assertThat(buffers(mode, set(null, value()))).isGreaterThan(200);
      assertThat(buffers(mode, set(null, value()).seen(VERSIONS - 256))).isLessThan(50);
      assertThat(buffers(mode, set(VERSIONS - 1L, value()))).isLessThan(50);
    }
  }

  /** What a look costs that finds nothing. */
  private long buffers(String mode, ChangeSet set) throws SQLException {
    String sql = new WriteSql(database.schema()).landed;
    for (int i = 1; sql.contains("?"); i++) {
      sql = sql.replaceFirst("\\?", "\\$" + i);
    }
    String state = "'" + set.stateUuid() + "'";
    String transaction = "'" + set.transactionId() + "'";
    String parameters = String.join(
        ", ",
        state,
        transaction,
        String.valueOf(set.landsAbove()),
        state,
        state,
        transaction,
        state,
        transaction);
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SET plan_cache_mode = " + mode);
      statement.execute("PREPARE look AS " + sql);
      String explain = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) EXECUTE look (" + parameters + ")";
      // Once for whatever is read or marked the first time.
      statement.execute(explain);
      try (ResultSet lines = statement.executeQuery(explain)) {
        lines.next();
        lines.next();
        Matcher total = BUFFERS.matcher(lines.getString(1));
        assertThat(total.find()).as(lines.getString(1)).isTrue();
        return Long.parseLong(total.group(1));
      }
    }
  }

  private ChangeSet set(@Nullable Long expectedVersion, Item item) {
    return new ChangeSet(
        state,
        state.uuid(),
        new Author(null, null),
        UUID.randomUUID(),
        expectedVersion,
        List.of(item));
  }

  private static Item value() {
    return Item.value("k", Operation.SET, "1");
  }

  private void raise(int versions) {
    database.execute("UPDATE holdfast.state SET version = version + " + versions
        + " WHERE state_id = '" + state.uuid() + "'");
  }
}
