package dev.holdfast.examples.database;

import dev.holdfast.Holdfast;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A Holdfast and, beside it, plain SQL on the same database: what operators and auditors use. Safe for use by multiple threads; every
 * query opens a connection of its own and blocks.
 */
public final class ExampleDatabase implements AutoCloseable {

  private final Holdfast holdfast;
  private final Address address;
  private final String place;
  private final String prompt;

  private ExampleDatabase(Holdfast holdfast, Address address, String place, String prompt) {
    this.holdfast = holdfast;
    this.address = address;
    this.place = place;
    this.prompt = prompt;
  }

  /**
   * Opens what the options name; a server of our own is started.
   *
   * @throws HoldfastException when that is not possible
   */
  public static ExampleDatabase open(DatabaseOptions options, int connections) {
    return open(options, builder -> builder.maximumPoolSize(connections));
  }

  /**
   * Opens what the options name with more settings.
   *
   * @throws HoldfastException when that is not possible
   */
  public static ExampleDatabase open(
      DatabaseOptions options, UnaryOperator<Holdfast.Builder> settings) {
    Holdfast.Builder builder = settings.apply(Holdfast.builder());
    return options.isEmbedded()
        ? embedded(builder, options.folder())
        : remote(builder, options.address());
  }

  private static ExampleDatabase remote(Holdfast.Builder builder, Address address) {
    Holdfast holdfast =
        builder.jdbcUrl(address.url(), address.user(), address.password()).build();
    return new ExampleDatabase(holdfast, address, address.toString(), address.psql() + " -c");
  }

  private static ExampleDatabase embedded(Holdfast.Builder builder, Path folder) {
    Holdfast holdfast = builder.embedded(folder).build();
    try {
      return new ExampleDatabase(
          holdfast, Address.ofServerIn(folder), "embedded in " + folder, prompt(folder));
    } catch (IOException e) {
      holdfast.close();
      throw new HoldfastException(
          ErrorCode.CONFIGURATION,
          "The port of the server in " + folder + " cannot be found out: " + e);
    }
  }

  private static String prompt(Path folder) {
    String job = "examples/run sql ";
    return folder.equals(DatabaseOptions.defaultFolder()) ? job.strip() : job + "--data " + folder;
  }

  /** The library. */
  public Holdfast holdfast() {
    return holdfast;
  }

  /** Where the data are, for people. */
  public String place() {
    return place;
  }

  /** The command that runs a query, to be put behind it in quotes. */
  public String prompt() {
    return prompt;
  }

  /**
   * Runs a query that cannot write; the first row has the names of the columns. Null is an empty text.
   *
   * @throws SQLException when the database refuses it
   */
  public List<List<String>> table(String sql) throws SQLException {
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      return statement.execute() ? rows(statement.getResultSet()) : List.of();
    }
  }

  /** Runs a query of this program with parameters; rows without the names of the columns. */
  public List<List<String>> rows(String sql, String... parameters) {
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      List<List<String>> rows = rows(statement.executeQuery());
      return rows.subList(1, rows.size());
    } catch (SQLException e) {
      throw new HoldfastException(
          ErrorCode.DATABASE, "A query for the report failed: " + e.getMessage());
    }
  }

  /** For connections of somebody who has nothing to do with Holdfast; each is opened when it is asked for. */
  public DataSource dataSource() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(address.url());
    source.setUser(address.user());
    source.setPassword(address.password());
    return source;
  }

  private Connection connect() throws SQLException {
    Connection connection =
        DriverManager.getConnection(address.url(), address.user(), address.password());
    connection.setReadOnly(true);
    return connection;
  }

  private static List<List<String>> rows(ResultSet result) throws SQLException {
    ResultSetMetaData columns = result.getMetaData();
    List<List<String>> rows = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      names.add(columns.getColumnLabel(i));
    }
    rows.add(names);
    while (result.next()) {
      rows.add(row(result, names.size()));
    }
    return rows;
  }

  private static List<String> row(ResultSet result, int columns) throws SQLException {
    List<String> row = new ArrayList<>();
    for (int i = 1; i <= columns; i++) {
      String value = result.getString(i);
      row.add(value == null ? "" : value);
    }
    return row;
  }

  @Override
  public void close() {
    holdfast.close();
  }
}
