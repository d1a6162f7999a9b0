package dev.holdfast.examples.database;

import dev.holdfast.examples.terminal.InputException;
import dev.holdfast.examples.terminal.Job;
import dev.holdfast.examples.terminal.Table;
import dev.holdfast.examples.terminal.Terminal;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The job that runs one query, for machines without psql. */
@Command(
    name = "sql",
    synopsisHeading = "Usage: examples/run ",
    description = "Runs one SQL query, read-only, on the data that a job left behind.")
final class SqlCommand implements Callable<Integer> {

  private static final int CONNECTIONS = 2;

  private final Terminal terminal;

  @Mixin
  private DatabaseOptions options = new DatabaseOptions();

  @Parameters(
      paramLabel = "QUERY",
      description = "The query, such as: SELECT * FROM holdfast.state_summary")
  private String query = "";

  SqlCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Runs the job and ends the process. */
  public static void main(String[] arguments) {
    Terminal terminal = Terminal.ofProcess();
    Job.main(new SqlCommand(terminal), terminal, arguments);
  }

  @Override
  public Integer call() {
    try (ExampleDatabase database = ExampleDatabase.open(options, CONNECTIONS)) {
      print(database.table(query));
      return Job.DONE;
    } catch (SQLException e) {
      throw new InputException(String.valueOf(e.getMessage()), e);
    }
  }

  private void print(List<List<String>> rows) {
    int columns = rows.isEmpty() ? 0 : rows.get(0).size();
    Table.Side[] sides = new Table.Side[columns];
    Arrays.fill(sides, Table.Side.LEFT);
    Table table = Table.of(sides);
    rows.forEach(table::row);
    int width = terminal.isOutTerminal() ? terminal.columns() : Integer.MAX_VALUE;
    table.lines(width).forEach(terminal.out()::println);
    terminal.out().println(Collections.max(List.of(0, rows.size() - 1)) + " rows");
  }
}
