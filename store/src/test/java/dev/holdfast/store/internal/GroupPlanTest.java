package dev.holdfast.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The plan of a message for many states is kept for all that follow, and it does not know how many states a message names. Where a table of
 * some thousand states seems small enough to be read as a whole, each message would read it.
 */
@HoldfastTest(invariants = false)
final class GroupPlanTest {

  private final TestDatabase database;
  private final GroupSql sql;

  GroupPlanTest(TestDatabase database) {
    this.database = database;
    this.sql = new GroupSql(database.schema());
  }

  @BeforeEach
  void fill() {
    database.execute("""
        INSERT INTO holdfast.state (state_id, namespace, name, version, changed_at, created_at)
        SELECT holdfast.state_id('plans', n::text), 'plans', n::text, 0, now(), now()
        FROM generate_series(1, 1000) AS s (n)
        ON CONFLICT ON CONSTRAINT state_pkey DO NOTHING""");
    database.execute("ANALYZE holdfast.state");
  }

  @Test
  void looksUpEachStateByItself() throws SQLException {
    assertThat(plan(sql.blind)).doesNotContain("Seq Scan on state");
    assertThat(plan(sql.conditional)).doesNotContain("Seq Scan on state");
  }

  /** The control: without the limit the planner reads the table. */
  @Test
  void withoutTheLimitTheTableIsRead() throws SQLException {
    String unlimited = sql.blind.replace("LIMIT (SELECT 2147483647)", "");
    assertThat(unlimited).isNotEqualTo(sql.blind);
    assertThat(plan(unlimited)).contains("Seq Scan on state");
  }

  private String plan(String text) throws SQLException {
    String[] parts = text.split("\\?", -1);
    StringBuilder numbered = new StringBuilder(parts[0]);
    StringJoiner nothing = new StringJoiner(", ");
    for (int i = 1; i < parts.length; i++) {
      numbered.append('$').append(i).append(parts[i]);
      nothing.add("NULL");
    }
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SET LOCAL plan_cache_mode = force_generic_plan");
      statement.execute("PREPARE message AS " + numbered);
      List<String> lines = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery("EXPLAIN EXECUTE message (" + nothing + ")")) {
        while (rows.next()) {
          lines.add(rows.getString(1));
        }
      }
      statement.execute("DEALLOCATE message");
      connection.rollback();
      return String.join("\n", lines);
    }
  }
}
