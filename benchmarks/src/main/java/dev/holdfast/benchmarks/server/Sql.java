package dev.holdfast.benchmarks.server;

import dev.holdfast.error.internal.SqlFailure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Plain SQL, each call on a connection of its own and committed at once; failures as {@link dev.holdfast.error.HoldfastException}. */
public final class Sql {

  private final DataSource dataSource;

  /** Plain SQL through a data source. */
  public Sql(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** Runs one or more statements without parameters and ignores their results. */
  public void execute(String sql) {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "running " + sql);
    }
  }

  /** Runs one statement with parameters and ignores its result. */
  public void update(String sql, Object... parameters) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      statement.execute();
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "running " + sql);
    }
  }

  /** The rows of a query, their columns as text; a null is the word {@code null}. */
  public List<List<String>> rows(String sql, Object... parameters) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      return read(statement);
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "running " + sql);
    }
  }

  /** The first column of the first row of a query. */
  public String text(String sql, Object... parameters) {
    return rows(sql, parameters).get(0).get(0);
  }

  /** The first column of the first row of a query, a whole number. */
  public long number(String sql, Object... parameters) {
    return Long.parseLong(text(sql, parameters));
  }

  private static void bind(PreparedStatement statement, Object... parameters) throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
  }

  private static List<List<String>> read(PreparedStatement statement) throws SQLException {
    List<List<String>> rows = new ArrayList<>();
    try (ResultSet result = statement.executeQuery()) {
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (int column = 1; column <= columns; column++) {
          row.add(String.valueOf(result.getString(column)));
        }
        rows.add(row);
      }
    }
    return rows;
  }
}
