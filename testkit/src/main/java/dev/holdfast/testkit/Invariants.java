package dev.holdfast.testkit;

import dev.holdfast.migrations.SchemaName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/**
 * What holds in every database of Holdfast between two calls of the library, whatever the calls were. Stateless and safe for use by
 * several threads.
 *
 * <ol>
 *   <li>No session stays idle inside a transaction.
 *   <li>The versions in a state's history are 1, 2, 3 and so on, up to the version of the state; only what retention has on record may be
 *       missing, and only from what was cleared.
 *   <li>Every change belongs to a state.
 *   <li>All changes of one version have one time, later than that of the version before, and the state has the time of its newest
 *       version.
 *   <li>Every row has the columns that its form needs and no others, keys and names have 1 to 512 bytes, operations are known, and the
 *       oldest version of a state is one that it had.
 *   <li>Every delta can be folded onto the whole value that it names, and every reference leads to a row that has a value.
 *   <li>Every tag names a version that the state has, or had.
 *   <li>An effect transaction has a lease until it ends; its status, and those of its operations, are known, as are their kinds and payloads.
 * </ol>
 */
public final class Invariants {

  private static final Duration TRANSACTION_END_LIMIT = Duration.ofSeconds(30);
  // A transaction that failed has no xact_start any more.
  private static final String IDLE_IN_TRANSACTION = """
      SELECT format('process %s of application "%s" is %s since %s, last statement: %s',
        pid, application_name, state, state_change, left(query, 120))
      FROM pg_stat_activity
      WHERE datname = current_database()
        AND state LIKE 'idle in transaction%'
        AND pid <> pg_backend_pid()
        AND coalesce(xact_start, state_change) <= ?::timestamptz
      ORDER BY pid
      """;

  private Invariants() {}

  /**
   * Checks all of them. Changes nothing; reads the tables in one statement, hence as of one moment. Waits up to 30 seconds for
   * transactions that were idle when it was called to end. Sessions of other users are seen only where the database user may see
   * them. Blocks, and reads the whole history: not for large databases.
   *
   * @throws AssertionError when one is broken, naming the rule, the state, the key and the version
   * @throws dev.holdfast.error.HoldfastException when the database cannot be read
   */
  public static void check(DataSource dataSource, SchemaName schema) {
    check(dataSource, schema, TRANSACTION_END_LIMIT);
  }

  /** The same, for tests that leave a transaction open and have to wait for as long as this does. */
  static void check(DataSource dataSource, SchemaName schema, Duration transactionEndLimit) {
    List<String> problems = new ArrayList<>(idleTransactions(dataSource, transactionEndLimit));
    problems.addAll(Sql.rows(dataSource, HistoryRule.sqlOfAll(schema)));
    if (!problems.isEmpty()) {
      throw new AssertionError(
          "Invariants of schema " + schema + " are broken:\n- " + String.join("\n- ", problems));
    }
  }

  /** Only transactions that were open at the start count: later ones may be those of a thread that is at work. */
  private static List<String> idleTransactions(DataSource dataSource, Duration limit) {
    String start = Sql.row(dataSource, "SELECT clock_timestamp()");
    return Poll.untilEmpty(limit, () -> Sql.rows(dataSource, IDLE_IN_TRANSACTION, start));
  }
}
