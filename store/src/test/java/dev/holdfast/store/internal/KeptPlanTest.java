package dev.holdfast.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Plans that are kept must suit a history that grows: a new one is soon long, and a plan that reads the whole table would be kept until
 * autovacuum comes by.
 */
@HoldfastTest(invariants = false)
final class KeptPlanTest {

  private static final int FEW = 60;

  private final TestDatabase database;
  private final List<String> statements;

  KeptPlanTest(TestDatabase database) {
    this.database = database;
    ReadSql reads = new ReadSql(database.schema());
    WriteSql writes = new WriteSql(database.schema());
    String locked = writes.conditional;
    String decided = locked.substring(locked.indexOf(';') + 1);
    this.statements = List.of(
        reads.entry,
        reads.has,
        reads.newest,
        reads.snapshot,
        reads.changed,
        reads.keys,
        reads.ranges,
        decided);
  }

  /** The control: had it been analyzed while it is short, a read of one key would read it from end to end. */
  @Test
  void aShortHistoryIsNotReadAsAWhole() throws SQLException {
    database.execute("""
        INSERT INTO holdfast.change (state_id, key, version, operation, changed_at, transaction_id, form, payload)
        SELECT holdfast.state_id('plans', 'one'), 'k', n, 'set', now(), gen_random_uuid(), 'value', '1'
        FROM generate_series(1, %d) AS n""".formatted(FEW));
    for (String statement : statements) {
      assertThat(GenericPlan.of(database, statement)).doesNotContain("Seq Scan on change");
    }

    database.execute("ANALYZE holdfast.change");
    assertThat(GenericPlan.of(database, statements.get(0))).contains("Seq Scan on change");
  }

  @Test
  void autovacuumAnalyzesItWhenItIsLong() {
    assertThat(database.queryLong(
            "SELECT count(*) FROM pg_class WHERE oid = 'holdfast.change'::regclass "
                + "AND 'autovacuum_analyze_threshold=1000' = ANY (reloptions)"))
        .isEqualTo(1);
  }
}
