package dev.holdfast.benchmarks.effects;

import dev.holdfast.benchmarks.server.Database;
import dev.holdfast.benchmarks.writes.Schema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;

/**
 * The journal that one writes by hand: it reads the outcomes that are there, inserts each new one, and at the end the result. It has no
 * intents, so after a crash nobody knows of an operation that was under way, and no owner, so two processes may run the same workflow.
 */
final class OutcomeJournal implements WorkflowStore {

  private static final String TABLES = """
      CREATE TABLE {schema}.outcome (
        workflow text, operation integer, outcome json NOT NULL, PRIMARY KEY (workflow, operation));""";

  /** Stands for the whole workflow. */
  private static final int WHOLE = -1;

  private final DataSource pool;
  private final String read;
  private final String insert;
  private final String count;

  OutcomeJournal(DataSource pool, Schema schema) {
    this.pool = pool;
    this.read = schema.in("SELECT operation, outcome FROM {schema}.outcome WHERE workflow = ?");
    this.insert = schema.in(
        "INSERT INTO {schema}.outcome (workflow, operation, outcome) VALUES (?, ?, ?::json)");
    this.count = schema.in("SELECT count(*) FROM {schema}.outcome WHERE operation = " + WHOLE);
  }

  /** Makes its table. */
  static void create(Database database, Schema schema) {
    database.sql().execute(schema.in(TABLES));
  }

  @Override
  public String run(String id) throws SQLException {
    Map<Integer, String> outcomes = outcomes(id);
    if (outcomes.containsKey(WHOLE)) {
      return String.valueOf(outcomes.get(WHOLE));
    }
    StringBuilder result = new StringBuilder();
    for (int number = 0; number < OPERATIONS; number++) {
      String outcome = outcomes.get(number);
      if (outcome == null) {
        outcome = WorkflowStore.answer(number);
        insert(id, number, outcome);
      }
      result.append(outcome);
    }
    insert(id, WHOLE, result.toString());
    return result.toString();
  }

  private Map<Integer, String> outcomes(String id) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(read)) {
      statement.setString(1, id);
      Map<Integer, String> outcomes = new HashMap<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          String json = rows.getString(2);
          outcomes.put(rows.getInt(1), json.substring(1, json.length() - 1));
        }
      }
      return outcomes;
    }
  }

  private void insert(String id, int number, String outcome) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(insert)) {
      statement.setString(1, id);
      statement.setInt(2, number);
      statement.setString(3, '"' + outcome + '"');
      statement.executeUpdate();
    }
  }

  @Override
  public String written() {
    return count;
  }
}
