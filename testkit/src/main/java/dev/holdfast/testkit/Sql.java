package dev.holdfast.testkit;

import dev.holdfast.error.internal.SqlFailure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Plain SQL on a connection of its own; failures as {@link dev.holdfast.error.HoldfastException}. */
final class Sql {

  private Sql() {}

  static void execute(DataSource source, String sql) {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "running " + sql);
    }
  }

  /** All rows, the columns of each joined by a vertical bar. */
  static List<String> rows(DataSource source, String sql, String... parameters) {
    try (Connection connection = source.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      return read(statement);
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "running " + sql);
    }
  }

  /** The only row. */
  static String row(DataSource source, String sql, String... parameters) {
    List<String> rows = rows(source, sql, parameters);
    if (rows.size() != 1) {
      throw new IllegalStateException("One row was expected, found " + rows.size() + ": " + sql);
    }
    return rows.get(0);
  }

  private static List<String> read(PreparedStatement statement) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (ResultSet result = statement.executeQuery()) {
      while (result.next()) {
        rows.add(joined(result));
      }
    }
    return List.copyOf(rows);
  }

  private static String joined(ResultSet row) throws SQLException {
    List<String> columns = new ArrayList<>();
    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
      columns.add(String.valueOf(row.getString(i)));
    }
    return String.join("|", columns);
  }
}
