package dev.holdfast.integration.guarantees;

import dev.holdfast.integration.guarantees.OutsideLedger.Entry;
import dev.holdfast.testkit.EffectTables;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Compares the journal with the world outside, with what callers were told, and with itself. Confined to one thread. */
final class JournalAudit {

  private static final String OPERATIONS = """
      SELECT o.effect_id || '/' || array_to_string(o.position, '.'), o.status
      FROM holdfast.effect_operation_summary AS o
      WHERE o.kind = 'remote'""";

  private static final String TRANSACTIONS = "SELECT id, status FROM holdfast.effect_transaction";

  private static final String ITSELF = """
      SELECT 'operation ' || t.id || ' ' || o.position::text || ' is ' || o.status, 'its transaction is ' || t.status
      FROM holdfast.effect_operation_summary AS o
      JOIN holdfast.effect_transaction AS t ON t.effect_id = o.effect_id
      WHERE CASE t.status
        WHEN 'committed' THEN o.status <> 'succeeded'
        WHEN 'rolled_back' THEN o.status NOT IN ('failed', 'compensated')
        ELSE o.status NOT IN ('failed', 'compensated', 'compensation_failed') END
      UNION ALL
      SELECT 'transaction ' || t.id || ' is ' || t.status,
        'it has ' || count(f.failure_id) || ' open failures and counts ' || t.open_failures
      FROM holdfast.effect_transaction AS t
      LEFT JOIN holdfast.rollback_failure AS f ON f.effect_id = t.effect_id AND f.status = 'open'
      GROUP BY t.effect_id
      HAVING count(f.failure_id) <> t.open_failures OR (t.status = 'rollback_failed') <> (t.open_failures > 0)
      UNION ALL
      SELECT 'operation ' || o.effect_id || ' ' || o.position::text || ' could not be compensated', 'that has no record'
      FROM holdfast.effect_operation_summary AS o
      WHERE o.status = 'compensation_failed' AND NOT EXISTS (
        SELECT FROM holdfast.rollback_failure AS f
        WHERE f.effect_id = o.effect_id AND f.position = o.position AND f.status = 'open')
      UNION ALL
      SELECT 'the step of ' || t.id || ' is ' || o.status, 'its state has ' || count(v.key) || ' keys'
      FROM holdfast.effect_operation_summary AS o
      JOIN holdfast.effect_transaction AS t ON t.effect_id = o.effect_id
      LEFT JOIN holdfast.value_summary AS v ON v.namespace = 'load' AND v.name = t.id
      WHERE o.kind = 'step'
      GROUP BY t.id, o.status
      HAVING count(v.key) <> CASE WHEN o.status IN ('succeeded', 'compensation_failed') THEN 1 ELSE 0 END""";

  private final DataSource dataSource;
  private final List<String> contradictions = new ArrayList<>();

  JournalAudit(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** Everything that does not agree; the journal must be at rest. */
  List<String> contradictions(Map<String, Entry> entries, Map<String, String> told)
      throws SQLException {
    contradictions.clear();
    compareWithOutside(entries);
    compareWithCallers(told);
    pairs(ITSELF).forEach((one, other) -> contradictions.add(one + ", but " + other));
    return List.copyOf(contradictions);
  }

  private void compareWithOutside(Map<String, Entry> entries) throws SQLException {
    Map<String, Entry> left = new HashMap<>(entries);
    pairs(OPERATIONS).forEach((key, status) -> {
      String outside = outside(left.remove(key));
      String expected = switch (status) {
        case "succeeded", "compensation_failed" -> "posted";
        case "failed" -> "absent";
        case "compensated" -> "undone";
        default -> "impossible";
      };
      if (!outside.equals(expected)) {
        contradictions.add("operation " + key + " is " + status + ", but outside it is " + outside);
      }
    });
    left.forEach((key, entry) -> contradictions.add(
        "outside " + key + " is " + outside(entry) + ", but the journal does not know it"));
  }

  private static String outside(@Nullable Entry entry) {
    if (entry == null) {
      return "absent";
    }
    String state = entry.isUndone() ? "undone" : "posted";
    return entry.performed() == 1 ? state : state + " after " + entry.performed() + " times";
  }

  private void compareWithCallers(Map<String, String> told) throws SQLException {
    Map<String, String> statuses = pairs(TRANSACTIONS);
    told.forEach((id, outcome) -> {
      String status = statuses.getOrDefault(id, "absent");
      boolean neverBegun = status.equals("absent") && outcome.equals("rolled_back");
      if (!status.equals(outcome) && !neverBegun) {
        contradictions.add(
            "the caller of " + id + " was told that it is " + outcome + ", but it is " + status);
      }
    });
  }

  /** How many effect transactions there are of each status. */
  Map<String, Long> statuses() throws SQLException {
    Map<String, Long> counts = new HashMap<>();
    pairs("SELECT status, count(*)::text FROM holdfast.effect_transaction GROUP BY status")
        .forEach((status, count) -> counts.put(status, Long.valueOf(count)));
    return counts;
  }

  /** How many have a lease: somebody has them, or had them when the server died. */
  long leased() throws SQLException {
    return Long.parseLong(pairs("SELECT 'leased', count(*)::text FROM holdfast.effect_transaction"
            + " WHERE leased_until IS NOT NULL")
        .getOrDefault("leased", "0"));
  }

  /** Forgets all effect transactions and what their steps wrote. */
  void clear() throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("TRUNCATE " + EffectTables.ALL + ", holdfast.change, holdfast.state");
    }
  }

  private Map<String, String> pairs(String sql) throws SQLException {
    Map<String, String> pairs = new HashMap<>();
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        pairs.put(rows.getString(1), rows.getString(2));
      }
    }
    return pairs;
  }
}
