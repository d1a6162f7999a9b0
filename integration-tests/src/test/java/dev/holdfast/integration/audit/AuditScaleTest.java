package dev.holdfast.integration.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.migrations.Migrations;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What an auditor's questions touch does not grow with history, and paging through all of it touches each part once. One state has as many
 * changes as a thousand others have together: 100,000, or what the system property {@code holdfast.audit.changes} says.
 */
// The rows are made up by SQL, and checking 200,000 of them after each test takes seconds.
@HoldfastTest(invariants = false)
@TestInstance(Lifecycle.PER_CLASS)
final class AuditScaleTest {

  private static final int CHANGES = Integer.getInteger("holdfast.audit.changes", 100_000);
  private static final int STATES = 1_000;
  private static final int PAGE = 1_000;
  private static final int SAMPLES = 5;
  private static final String RARE_ACTOR =
      "SELECT * FROM holdfast.actor_summary WHERE actor = 'rare'";
  private static final String READER = "holdfast_scale_reader";
  private static final String PASSWORD = "scale";

  private final TestDatabase database;
  private Connection connection;

  @SuppressWarnings("NullAway.Init")
  AuditScaleTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeAll
  void fill() throws SQLException {
    Migrations.of(database.dataSource(), database.schema()).grantRoles();
    database.execute(
        "CREATE ROLE %s LOGIN PASSWORD '%s' IN ROLE holdfast_auditor".formatted(READER, PASSWORD));
    // Every millisecond one change of the long state and one of the others, by a hundred actors in
    // turn; one actor was there for 100 of them.
    database.execute("""
        INSERT INTO holdfast.state (state_id, namespace, name, version, changed_at, created_at)
        SELECT holdfast.state_id('scale', n), 'scale', n, v, timestamptz '2026-01-01 00:00:00Z' + %1$d * interval '1 millisecond',
          timestamptz '2026-01-01 00:00:00Z'
        FROM (SELECT 'long', %1$d UNION ALL SELECT 'small-' || i, %1$d / %2$d FROM generate_series(0, %2$d - 1) AS i) AS f (n, v);
        INSERT INTO holdfast.change (state_id, key, version, operation, actor, changed_at, transaction_id, xid, form, payload)
        SELECT CASE side WHEN 0 THEN holdfast.state_id('scale', 'long') ELSE small.state_id END,
          CASE side WHEN 0 THEN 'key-' || (i::bigint * 7919) %% 1000 ELSE 'key-' || (i / %2$d) %% 10 END,
          CASE side WHEN 0 THEN i + 1 ELSE i / %2$d + 1 END, 'set',
          CASE WHEN i BETWEEN %1$d / 2 AND %1$d / 2 + 99 THEN 'rare' ELSE 'actor-' || i %% 100 END,
          timestamptz '2026-01-01 00:00:00Z' + i * interval '1 millisecond', md5(i || 'transaction')::uuid, (1000000 + i)::text::xid8, 'value',
          json_build_object('number', i, 'text', repeat(md5(i::text), 2))
        FROM generate_series(0, %1$d - 1) AS i
        JOIN (SELECT n, holdfast.state_id('scale', 'small-' || n) FROM generate_series(0, %2$d - 1) AS n) AS small (n, state_id)
          ON small.n = i %% %2$d
        CROSS JOIN generate_series(0, 1) AS side
        ORDER BY i;
        INSERT INTO holdfast.history_cut (state_id, version, actor, cut_at, transaction_id)
        SELECT state_id, 1, 'retention', now(), gen_random_uuid() FROM holdfast.state""".formatted(CHANGES, STATES));
    database.execute("VACUUM ANALYZE");
    connection = DriverManager.getConnection(database.jdbcUrl(), READER, PASSWORD);
    assertThat(database.queryLong("SELECT count(*) FROM holdfast.change")).isEqualTo(2L * CHANGES);
  }

  @AfterAll
  void dropRole() throws SQLException {
    connection.close();
    database.execute("DROP ROLE " + READER);
  }

  static Stream<Arguments> questions() {
    String second =
        "changed_at >= " + time(CHANGES / 3) + " AND changed_at < " + time(CHANGES / 3 + 500);
    return Stream.of(
        question(
            "state_summary, by name",
            "state_by_name",
            10,
            "SELECT * FROM holdfast.state_summary WHERE namespace = 'scale' AND name = 'small-500'"),
        question(
            "value_summary, 10 keys",
            "state_by_name",
            300,
            "SELECT * FROM holdfast.value_summary WHERE namespace = 'scale' AND name = 'small-500'"),
        question(
            "value_summary, 1,000 keys",
            "state_by_name",
            16_000,
            "SELECT * FROM holdfast.value_summary WHERE namespace = 'scale' AND name = 'long'"),
        question("change_summary, newest 20", "change_by_version", 60, newest("change_summary")),
        question("change_summary, one key", "change_pkey", 200, ofKey("change_summary")),
        question(
            "change_summary, half a second",
            "change_in_order",
            3_000,
            "SELECT * FROM holdfast.change_summary WHERE " + second),
        question(
            "change_summary, actor and half a second",
            "change_in_order",
            500,
            "SELECT * FROM holdfast.change_summary WHERE actor = 'actor-7' AND " + second),
        question("change_detail, newest 20", "change_by_version", 600, newest("change_detail")),
        question("change_detail, one key", "change_pkey", 1_000, ofKey("change_detail")),
        question(
            "change_detail, half a second of an actor",
            "change_in_order",
            1_000,
            "SELECT * FROM holdfast.change_detail WHERE actor = 'actor-7' AND " + second),
        question(
            "actor_summary, one state",
            "change_by_version",
            3_000,
            "SELECT * FROM holdfast.actor_summary WHERE state_id = holdfast.state_id('scale', 'small-500')"),
        question("actor_summary, rare actor", "change_in_order", 1_000, RARE_ACTOR),
        question(
            "history_cut_summary, by name",
            "history_cut_pkey",
            20,
            "SELECT * FROM holdfast.history_cut_summary WHERE state_id = holdfast.state_id('scale', 'long')"),
        question(
            "state_at, 10 keys",
            "",
            300,
            "SELECT * FROM holdfast.state_at('scale', 'small-500', 50)"),
        question(
            "state_as_of, 1,000 keys",
            "",
            16_000,
            "SELECT * FROM holdfast.state_as_of('scale', 'long', " + time(CHANGES / 2) + ")"),
        question(
            "version_as_of",
            "",
            150,
            "SELECT holdfast.version_as_of('scale', 'long', " + time(CHANGES / 2) + ")"),
        question(
            "changed_together",
            "",
            500,
            "SELECT * FROM holdfast.changed_together('scale', 'long', " + CHANGES / 2 + ")"));
  }

  private static Arguments question(String name, String index, long maxBuffers, String sql) {
    return Arguments.of(name, index, maxBuffers, sql);
  }

  private static String newest(String view) {
    return "SELECT * FROM holdfast." + view
        + " WHERE state_id = holdfast.state_id('scale', 'long') ORDER BY version DESC LIMIT 20";
  }

  private static String ofKey(String view) {
    return "SELECT * FROM holdfast." + view
        + " WHERE state_id = holdfast.state_id('scale', 'long') AND key = 'key-500' ORDER BY version DESC LIMIT 20";
  }

  private static String time(int millis) {
    return "timestamptz '2026-01-01 00:00:00Z' + " + millis + " * interval '1 millisecond'";
  }

  /** The bounds are the same however long history is. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("questions")
  void touchesLittle(String name, String index, long maxBuffers, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      AuditPlan plan = AuditPlan.warm(statement, sql);

      System.out.printf(
          "%,d changes: %-42s %6d rows %7d buffers %8.2f ms %s%n",
          2L * CHANGES, name, plan.rows(), plan.buffers(), plan.millis(), plan.indexes());
      assertThat(plan.rows()).isPositive();
      assertThat(plan.buffers()).isLessThanOrEqualTo(maxBuffers);
      assertThat(plan.scanned()).doesNotContain("change");
      if (!index.isEmpty()) {
        assertThat(plan.indexes()).contains(index);
      }
    }
  }

  /** A plan must not hang on which rows the server happened to sample. */
  @Test
  void aRareActorIsFoundWhateverTheSample() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (int sample = 0; sample < SAMPLES; sample++) {
        database.execute("ANALYZE holdfast.change");

        assertThat(AuditPlan.of(statement, RARE_ACTOR).indexes()).contains("change_in_order");
      }
    }
  }

  /** The control of the bounds: a question for which there is no index reads everything. */
  @Test
  void aQuestionWithoutAnIndexIsNoticed() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      AuditPlan plan = AuditPlan.warm(
          statement, "SELECT * FROM holdfast.change_summary WHERE reason = 'nobody knows'");

      assertThat(plan.scanned()).contains("change");
      assertThat(plan.buffers()).isGreaterThan(2L * CHANGES / 100);
    }
  }

  @Test
  void pagingThroughALongStateIsLinear() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      requireLinear(
          "change_detail of one state", pages(statement, "change_detail", "long"), CHANGES, 40);
    }
  }

  /** State by state: in one order over all states the planner may read all of a long state for one page. */
  @Test
  void pagingThroughAllStatesIsLinear() throws SQLException {
    List<AuditPlan> pages = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      for (String name : names(statement)) {
        pages.addAll(pages(statement, "change_summary", name));
      }
    }
    requireLinear("change_summary of all states", pages, 2L * CHANGES, 10);
  }

  private static List<String> names(Statement statement) throws SQLException {
    List<String> names = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery(
        "SELECT name FROM holdfast.state_summary ORDER BY namespace, name")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  /** Each version has one key, so the next page begins so many versions below. */
  private static List<AuditPlan> pages(Statement statement, String view, String name)
      throws SQLException {
    List<AuditPlan> pages = new ArrayList<>();
    long versions = name.equals("long") ? CHANGES : CHANGES / STATES;
    for (long from = versions + 1; from > 1; from -= PAGE) {
      pages.add(AuditPlan.of(statement, """
          SELECT * FROM holdfast.%s
          WHERE state_id = holdfast.state_id('scale', '%s') AND (version, key) < (%d, '')
          ORDER BY version DESC, key DESC LIMIT %d""".formatted(view, name, from, PAGE)));
    }
    return pages;
  }

  private static void requireLinear(
      String name, List<AuditPlan> pages, long rows, long maxBuffersPerRow) {
    long buffers = pages.stream().mapToLong(AuditPlan::buffers).sum();
    long largest = pages.stream().mapToLong(AuditPlan::buffers).max().orElseThrow();
    System.out.printf(
        "%s: %d pages, %,d rows, %.1f buffers a row, the largest page %d, %.0f ms%n",
        name,
        pages.size(),
        rows,
        (double) buffers / rows,
        largest,
        pages.stream().mapToDouble(AuditPlan::millis).sum());
    assertThat(pages.stream().mapToLong(AuditPlan::rows).sum()).isEqualTo(rows);
    assertThat(buffers).isLessThanOrEqualTo(maxBuffersPerRow * rows);
    assertThat(largest).isLessThanOrEqualTo(maxBuffersPerRow * PAGE * 2);
  }

  /** The control of linearity. */
  @Test
  void pagingByOffsetIsNot() throws SQLException {
    String page =
        "SELECT * FROM holdfast.change_summary WHERE state_id = holdfast.state_id('scale', 'long')"
            + " ORDER BY version DESC LIMIT 100 OFFSET ";
    try (Statement statement = connection.createStatement()) {
      long first = AuditPlan.warm(statement, page + 0).buffers();
      long deep = AuditPlan.warm(statement, page + CHANGES * 9L / 10).buffers();
      assertThat(deep).isGreaterThan(20 * first);
    }
  }
}
