package dev.holdfast.integration.cost;

import dev.holdfast.integration.connection.Sent;
import dev.holdfast.store.json.Json;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What the server did for one request. Immutable.
 *
 * @param buffers pages that were looked at, found in memory or not
 * @param rows rows that scans of tables brought up, those that a filter dropped included
 * @param sequentialScans the tables that were read from end to end
 * @param text the plans, to print
 */
record Plan(long buffers, long rows, List<String> sequentialScans, String text) {

  /** Runs the statements of a request as the server planned them, in one transaction that is rolled back. */
  static Plan of(Connection connection, List<Sent> request, String planCacheMode)
      throws SQLException {
    // The first run of a session also reads the catalog.
    explain(connection, request, planCacheMode);
    return explain(connection, request, planCacheMode);
  }

  private static Plan explain(Connection connection, List<Sent> request, String planCacheMode)
      throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL plan_cache_mode = " + planCacheMode);
      Plan sum = new Plan(0, 0, List.of(), "");
      for (Sent sent : request) {
        sum = sum.plus(explain(statement, sent));
      }
      return sum;
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  private static Plan explain(Statement statement, Sent sent) throws SQLException {
    statement.execute("PREPARE explained " + types(statement, sent.types()) + " AS " + sent.sql());
    String values = sent.values().isEmpty()
        ? ""
        : sent.values().stream().map(Plan::literal).collect(Collectors.joining(", ", "(", ")"));
    String plan =
        text(statement, "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE explained" + values);
    statement.execute("DEALLOCATE explained");
    return of(Json.parse(plan).get(0).get("Plan"));
  }

  private static String types(Statement statement, List<Integer> oids) throws SQLException {
    List<String> names = new ArrayList<>();
    for (int oid : oids) {
      names.add(oid == 0 ? "unknown" : text(statement, "SELECT " + oid + "::regtype"));
    }
    return names.isEmpty() ? "" : "(" + String.join(", ", names) + ")";
  }

  private static String text(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  private static String literal(@Nullable String value) {
    return value == null ? "NULL" : "'" + value.replace("'", "''") + "'";
  }

  private static Plan of(JsonNode top) {
    List<JsonNode> nodes = new ArrayList<>();
    collect(top, nodes);
    return new Plan(
        number(top, "Shared Hit Blocks") + number(top, "Shared Read Blocks"),
        nodes.stream().mapToLong(Plan::rows).sum(),
        nodes.stream()
            .filter(node -> type(node).equals("Seq Scan"))
            .map(node -> node.get("Relation Name").asString())
            .toList(),
        nodes.stream().map(Plan::line).collect(Collectors.joining("\n", "", "\n")));
  }

  private static void collect(JsonNode node, List<JsonNode> nodes) {
    nodes.add(node);
    if (node.has("Plans")) {
      node.get("Plans").forEach(child -> collect(child, nodes));
    }
  }

  private static String type(JsonNode node) {
    return node.get("Node Type").asString();
  }

  private static long rows(JsonNode node) {
    if (!node.has("Relation Name") || !type(node).endsWith("Scan")) {
      return 0;
    }
    double each = node.get("Actual Rows").asDouble() + number(node, "Rows Removed by Filter");
    return Math.round(each * number(node, "Actual Loops"));
  }

  private static long number(JsonNode node, String member) {
    return node.has(member) ? Math.round(node.get(member).asDouble()) : 0;
  }

  private static String line(JsonNode node) {
    String on = node.has("Index Name") ? " by " + node.get("Index Name").asString() : "";
    return type(node) + on + " rows " + node.get("Actual Rows") + " loops "
        + node.get("Actual Loops") + " buffers "
        + (number(node, "Shared Hit Blocks") + number(node, "Shared Read Blocks"));
  }

  private Plan plus(Plan other) {
    List<String> scans = new ArrayList<>(sequentialScans);
    scans.addAll(other.sequentialScans);
    return new Plan(
        buffers + other.buffers, rows + other.rows, List.copyOf(scans), text + other.text);
  }
}
