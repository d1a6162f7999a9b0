package dev.holdfast.integration.audit;

import dev.holdfast.store.json.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * How the server answered a query of an auditor. Immutable.
 *
 * @param rows rows of the answer
 * @param buffers pages of 8 KB that were looked at, those of functions included
 * @param millis execution time as the server tells it
 * @param indexes the indexes used; what functions use inside is not shown by the server
 * @param scanned the tables that were read from end to end
 */
record AuditPlan(
    long rows, long buffers, double millis, Set<String> indexes, List<String> scanned) {

  /** Explains a query while it runs; the second of two runs, so that catalog and pages are in memory. */
  static AuditPlan warm(Statement statement, String sql) throws SQLException {
    of(statement, sql);
    return of(statement, sql);
  }

  /** Explains a query while it runs. */
  static AuditPlan of(Statement statement, String sql) throws SQLException {
    try (ResultSet row =
        statement.executeQuery("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) " + sql)) {
      row.next();
      JsonNode explained = Json.parse(row.getString(1)).get(0);
      JsonNode top = explained.get("Plan");
      Set<String> indexes = new TreeSet<>();
      List<String> scanned = new ArrayList<>();
      collect(top, indexes, scanned);
      return new AuditPlan(
          Math.round(top.get("Actual Rows").asDouble()),
          top.get("Shared Hit Blocks").longValue()
              + top.get("Shared Read Blocks").longValue(),
          explained.get("Execution Time").asDouble(),
          indexes,
          scanned);
    }
  }

  private static void collect(JsonNode node, Set<String> indexes, List<String> scanned) {
    if (node.has("Index Name")) {
      indexes.add(node.get("Index Name").asString());
    }
    if (node.get("Node Type").asString().equals("Seq Scan")) {
      scanned.add(node.get("Relation Name").asString());
    }
    node.path("Plans").forEach(child -> collect(child, indexes, scanned));
  }
}
