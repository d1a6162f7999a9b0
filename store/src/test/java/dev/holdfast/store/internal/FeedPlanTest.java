package dev.holdfast.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** What a question about a consumer costs does not grow with history. */
// The rows are made up by SQL, and checking 400,000 of them takes seconds.
@HoldfastTest(invariants = false)
final class FeedPlanTest {

  private static final int ROWS = 400_000;

  /** The plan that is kept for any consumer. */
  @Test
  void theLagReadsTheEndOfHistoryOnly(TestDatabase database) throws SQLException {
    MadeUpHistory.fill(database, ROWS);

    String plan = GenericPlan.of(database, FeedStore.lagSql(database.schema()));

    System.out.println(plan);
    assertThat(plan).doesNotContain("Seq Scan on change").contains("change_in_order");
  }
}
