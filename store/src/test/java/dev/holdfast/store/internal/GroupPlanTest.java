package dev.holdfast.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.internal.GroupSql.Way;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.SQLException;
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
    assertThat(plan(sql.blind(Way.SKIP))).doesNotContain("Seq Scan on state");
    assertThat(plan(sql.blindOne(Way.SKIP))).contains("Tid Scan on state", "state_pkey");
    assertThat(plan(sql.following(Way.SKIP))).doesNotContain("Seq Scan on state");
    assertThat(plan(sql.conditional(Way.SKIP))).doesNotContain("Seq Scan on state");
  }

  /** The control: without the limit the planner reads the table. */
  @Test
  void withoutTheLimitTheTableIsRead() throws SQLException {
    String unlimited = sql.blind(Way.SKIP).replace("LIMIT (SELECT 2147483647)", "");
    assertThat(unlimited).isNotEqualTo(sql.blind(Way.SKIP));
    assertThat(plan(unlimited)).contains("Seq Scan on state");
  }

  private String plan(String text) throws SQLException {
    return GenericPlan.of(database, text);
  }
}
