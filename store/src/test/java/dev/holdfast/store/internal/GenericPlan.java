package dev.holdfast.store.internal;

import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** The plan of a statement that PostgreSQL keeps for all calls, whatever the parameters. */
final class GenericPlan {

  private GenericPlan() {}

  static String of(TestDatabase database, String text) throws SQLException {
    String[] parts = text.split("\\?", -1);
    StringBuilder numbered = new StringBuilder(parts[0]);
    StringJoiner nothing = new StringJoiner(", ");
    for (int i = 1; i < parts.length; i++) {
      numbered.append('$').append(i).append(parts[i]);
      nothing.add("NULL");
    }
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SET LOCAL plan_cache_mode = force_generic_plan");
      statement.execute("PREPARE message AS " + numbered);
      List<String> lines = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery("EXPLAIN EXECUTE message (" + nothing + ")")) {
        while (rows.next()) {
          lines.add(rows.getString(1));
        }
      }
      statement.execute("DEALLOCATE message");
      connection.rollback();
      return String.join("\n", lines);
    }
  }
}
