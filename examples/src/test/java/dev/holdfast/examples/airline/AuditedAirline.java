package dev.holdfast.examples.airline;

import static dev.holdfast.store.json.Json.json;

import dev.holdfast.Holdfast;
import dev.holdfast.MigrationMode;
import dev.holdfast.examples.reservation.Outage;
import dev.holdfast.examples.reservation.ReservationService;
import dev.holdfast.migrations.Migrations;
import dev.holdfast.store.State;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A database in which recorded runs were replayed by a member of holdfast_app, and people did what the page tells. Questions are asked by
 * a member of holdfast_auditor.
 */
final class AuditedAirline {

  static final Namespaces NAMESPACES = new Namespaces("airline");
  static final String DESK = "airline.desk";

  private static final String APP = "holdfast_audit_app";
  private static final String AUDITOR = "holdfast_audit_reader";
  private static final String PASSWORD = "audit";
  private static final ReplayListener NOBODY = new ReplayListener() {};

  private final TestDatabase database;
  private final AuditJournal journal;
  private final AuditAnswers answers;

  private AuditedAirline(TestDatabase database, AuditJournal journal, AuditAnswers answers) {
    this.database = database;
    this.journal = journal;
    this.answers = answers;
  }

  /** Replays the bundled runs and then others, by so many workers. */
  static AuditedAirline of(TestDatabase database, List<RecordedRun> others, int workers)
      throws SQLException {
    Migrations migrations = Migrations.of(database.dataSource(), database.schema());
    migrations.migrate();
    migrations.grantRoles();
    createRoles(database);
    try (Holdfast holdfast = Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), APP, PASSWORD)
        .migrations(MigrationMode.VALIDATE)
        .maximumPoolSize(workers + 2)
        .build()) {
      Map<String, ObjectNode> seeds =
          InputFile.bundled("sample-reservations.json").reservations();
      ToolCalls calls = toolCalls(database, holdfast, seeds);
      List<RecordedRun> bundled = RunsFile.read(InputFile.bundled("sample-runs.json"));
      replay(holdfast, calls, bundled, 1);
      replay(holdfast, calls, others, workers);
      Instant before = AuditJournal.of(holdfast, namespaces()).newest();
      peopleAtWork(holdfast);
      AuditedCases cases = AuditedCases.of(holdfast, database.dataSource(), bundled);
      AuditJournal journal = AuditJournal.of(holdfast, namespaces());
      List<RecordedRun> all = new ArrayList<>(bundled);
      all.addAll(others);
      journal.requireMessagesOf(all);
      return new AuditedAirline(database, journal, new AuditAnswers(journal, before, cases));
    }
  }

  private static List<String> namespaces() {
    return List.of(NAMESPACES.runs(), NAMESPACES.reservations(), NAMESPACES.users(), DESK);
  }

  private static void createRoles(TestDatabase database) {
    if (database.queryLong("SELECT count(*) FROM pg_roles WHERE rolname = '" + APP + "'") == 0) {
      database.execute(
          "CREATE ROLE %s LOGIN PASSWORD '%s' IN ROLE holdfast_app".formatted(APP, PASSWORD));
      database.execute("CREATE ROLE %s LOGIN PASSWORD '%s' IN ROLE holdfast_auditor"
          .formatted(AUDITOR, PASSWORD));
    }
  }

  static void dropRoles(TestDatabase database) {
    database.execute("DROP ROLE " + APP + "; DROP ROLE " + AUDITOR);
  }

  private static ToolCalls toolCalls(
      TestDatabase database, Holdfast holdfast, Map<String, ObjectNode> seeds) throws SQLException {
    ReservationService service =
        ReservationService.open(database.dataSource(), NAMESPACES.prefix(), Outage.NONE);
    Ledger ledger = new Ledger(holdfast, NAMESPACES, seeds, NOBODY);
    return ToolCalls.over(holdfast, NAMESPACES, service, ledger, NOBODY);
  }

  private static void replay(
      Holdfast holdfast, ToolCalls calls, List<RecordedRun> runs, int workers) {
    new Replay(holdfast, NAMESPACES, calls, NOBODY)
        .play(runs, Found.of(holdfast, NAMESPACES, runs), workers, () -> {});
  }

  private static void peopleAtWork(Holdfast holdfast) {
    State<JsonNode> booked = holdfast.state(NAMESPACES.reservations(), "KD3W9P");
    booked.by("maria.lund").because("case 4711").tag("as it was booked", 1);
    booked.by("maria.lund").because("cancelled by mistake, case 4711").rollback(1);
    holdfast.transaction(Isolation.SERIALIZABLE, tx -> {
      tx.state(NAMESPACES.users(), "yuki_mori_88")
          .by("maria.lund")
          .because("goodwill, case 4712")
          .append("certificates", Map.of("id", "certificate_600201", "amount", 50));
      return tx.state(NAMESPACES.reservations(), "KR5T1N")
          .by("maria.lund")
          .because("goodwill, case 4712")
          .set("note", json("certificate_600201 sent"));
    });
    State<JsonNode> desk = holdfast.state(DESK, "open-cases");
    desk.by("maria.lund").because("cases 4711 and 4712").increment("count", 2);
    desk.by("night.shift").because("case 4711 closed").increment("count", -1);
    desk.by("night.shift").set("supervisor", null);
    booked.by("night.shift").because("case 4711 closed").untag("as it was booked");
    holdfast
        .state(NAMESPACES.runs(), "task-903-trial-0")
        .by("privacy.office")
        .because("erasure request 17")
        .delete("user");
    holdfast
        .state(NAMESPACES.runs(), "task-905-trial-0")
        .by("privacy.office")
        .because("retention period is over")
        .clearHistoryBefore(5);
    holdfast.state(NAMESPACES.reservations(), "KN8B4H").set("insurance", json("yes"));
    desk.by("maria.lund").because("case 4712 closed").increment("count", -1);
  }

  AuditJournal journal() {
    return journal;
  }

  AuditAnswers answers() {
    return answers;
  }

  /** What an auditor gets. */
  Answer ask(AuditPage.Question question) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(database.jdbcUrl(), AUDITOR, PASSWORD);
        Statement statement = connection.createStatement()) {
      statement.execute("SET TIME ZONE 'UTC'");
      try (ResultSet rows = statement.executeQuery(answers.inTimesOfTheTest(question.sql()))) {
        return Answer.of(rows);
      }
    }
  }

  /**
   * The answer to a query.
   *
   * @param rows values as {@link AuditAnswers} gives them
   * @param texts the same as the server prints them
   */
  record Answer(List<String> columns, List<List<Object>> rows, List<List<String>> texts) {

    private static Answer of(ResultSet result) throws SQLException {
      int width = result.getMetaData().getColumnCount();
      List<String> columns = new ArrayList<>();
      for (int i = 1; i <= width; i++) {
        columns.add(result.getMetaData().getColumnName(i));
      }
      List<List<Object>> rows = new ArrayList<>();
      List<List<String>> texts = new ArrayList<>();
      while (result.next()) {
        List<Object> row = new ArrayList<>();
        List<String> text = new ArrayList<>();
        for (int i = 1; i <= width; i++) {
          row.add(AuditRows.cell(value(result, i)));
          String printed = result.getString(i);
          text.add(printed == null ? "" : printed);
        }
        rows.add(row);
        texts.add(text);
      }
      return new Answer(columns, rows, texts);
    }

    private static @Nullable Object value(ResultSet result, int column) throws SQLException {
      String type = result.getMetaData().getColumnTypeName(column);
      String text = result.getString(column);
      if (text == null) {
        return null;
      }
      return switch (type) {
        case "timestamptz" -> result.getObject(column, OffsetDateTime.class).toInstant();
        case "json" -> Json.parse(text);
        default -> result.getObject(column);
      };
    }
  }
}
