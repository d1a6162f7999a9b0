package dev.holdfast.examples.airline;

import dev.holdfast.examples.airline.Report.Calls;
import dev.holdfast.examples.airline.Report.Line;
import dev.holdfast.examples.airline.Report.OpenFailure;
import dev.holdfast.examples.airline.Report.ReservationHistory;
import dev.holdfast.examples.airline.Report.Totals;
import dev.holdfast.examples.database.ExampleDatabase;
import dev.holdfast.store.State;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.HistoryPage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Reads for the report what is in the database. Confined to one thread. */
final class Survey {

  private static final String TOTALS = """
      WITH kind (name, namespace) AS (VALUES ('runs', ?), ('reservations', ?), ('users', ?))
      SELECT count(*) FILTER (WHERE k.name = 'runs'),
        coalesce(sum(s.version) FILTER (WHERE k.name = 'runs'), 0),
        count(*) FILTER (WHERE k.name = 'reservations'),
        count(*) FILTER (WHERE k.name = 'users'),
        coalesce(sum(s.version), 0),
        (SELECT count(*) FROM holdfast.change_summary WHERE namespace IN (SELECT namespace FROM kind)),
        pg_database_size(current_database())
      FROM kind AS k
      JOIN holdfast.state_summary AS s ON s.namespace = k.namespace
      """;

  /** Reservations of the file first: recorded runs booked new ones under the same few ids, because each had a database of its own. */
  private static final String MOST_SHARED = """
      SELECT name, count(DISTINCT actor) FILTER (WHERE actor <> 'seed') AS runs
      FROM holdfast.change_summary
      WHERE namespace = ?
      GROUP BY name
      ORDER BY least(count(DISTINCT actor) FILTER (WHERE actor <> 'seed'), 2) DESC, bool_or(actor = 'seed') DESC, runs DESC, name
      LIMIT 1
      """;

  private static final String CALLS = """
      SELECT count(*) FILTER (WHERE status = 'committed'), count(*) FILTER (WHERE status = 'rolled_back'),
        count(*) FILTER (WHERE status = 'rollback_failed'), count(*) FILTER (WHERE status = 'resolved'),
        count(*) FILTER (WHERE status IN ('running', 'compensating'))
      FROM holdfast.effect_summary
      WHERE name IN (?, ?, ?, ?, ?, ?)
      """;

  private static final String OPEN = """
      SELECT (extract(epoch FROM failed_at) * 1000)::bigint, effect_name, id, operation, attempts, message
      FROM holdfast.rollback_failure_summary
      WHERE status IN ('open', 'retrying') AND effect_name IN (?, ?, ?, ?, ?, ?)
      ORDER BY failed_at, failure_id
      """;

  private static final int PAGE = 1000;

  private final ExampleDatabase database;
  private final Namespaces namespaces;

  Survey(ExampleDatabase database, Namespaces namespaces) {
    this.database = database;
    this.namespaces = namespaces;
  }

  /** The server and its version. */
  String server() {
    return database
        .rows("SELECT 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1)")
        .get(0)
        .get(0);
  }

  Totals totals() {
    List<Long> row = database
        .rows(TOTALS, namespaces.runs(), namespaces.reservations(), namespaces.users())
        .get(0)
        .stream()
        .map(Long::valueOf)
        .toList();
    return new Totals(
        row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), row.get(5), row.get(6));
  }

  /** How the effect transactions of tool calls stand. */
  Calls calls() {
    List<Long> row = database.rows(CALLS, namespaces.effects()).get(0).stream()
        .map(Long::valueOf)
        .toList();
    return new Calls(row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), open());
  }

  private List<OpenFailure> open() {
    return database.rows(OPEN, namespaces.effects()).stream()
        .map(row -> new OpenFailure(
            Instant.ofEpochMilli(Long.parseLong(row.get(0))),
            row.get(1),
            row.get(2),
            row.get(3),
            Integer.parseInt(row.get(4)),
            row.get(5)))
        .toList();
  }

  /** The history of the reservation that most runs changed; empty when there is none. */
  Optional<ReservationHistory> mostSharedReservation() {
    return database.rows(MOST_SHARED, namespaces.reservations()).stream()
        .findFirst()
        .map(row -> history(row.get(0), Integer.parseInt(row.get(1))));
  }

  private ReservationHistory history(String name, int runs) {
    State<JsonNode> reservation = database.holdfast().state(namespaces.reservations(), name);
    Map<Long, List<Change<JsonNode>>> byVersion = new TreeMap<>();
    Optional<History> query = Optional.of(History.all().limit(PAGE));
    while (query.isPresent()) {
      HistoryPage<JsonNode> page = reservation.history(query.get());
      page.forEach(change -> byVersion
          .computeIfAbsent(change.version(), version -> new ArrayList<>())
          .add(0, change));
      query = page.next();
    }
    return new ReservationHistory(
        name, runs, byVersion.values().stream().map(Survey::line).toList());
  }

  private static Line line(List<Change<JsonNode>> changeSet) {
    Change<JsonNode> first = changeSet.get(0);
    return new Line(
        first.version(),
        first.changedAt(),
        first.actor().orElse(""),
        first.reason().orElse(""),
        what(changeSet));
  }

  private static String what(List<Change<JsonNode>> changeSet) {
    List<Change<JsonNode>> fields = changeSet.stream()
        .filter(change -> !change.key().startsWith(CallMark.PREFIX))
        .toList();
    if (fields.isEmpty()) {
      return "the same again";
    }
    if (fields.stream().allMatch(change -> change.before() == null) && fields.size() > 1) {
      return "created with " + fields.size() + " fields";
    }
    return fields.stream().map(Survey::what).collect(Collectors.joining(", "));
  }

  private static String what(Change<JsonNode> change) {
    String before = change.oldValue().map(Survey::brief).orElse("none");
    String after = change.newValue().map(Survey::brief).orElse("none");
    return change.key() + " " + (before.equals(after) ? "changed" : before + " -> " + after);
  }

  private static String brief(JsonNode value) {
    return value.isContainer() ? String.valueOf(value.size()) : value.asString();
  }
}
