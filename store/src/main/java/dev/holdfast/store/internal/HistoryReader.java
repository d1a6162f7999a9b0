package dev.holdfast.store.internal;

import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.history.Origin;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.postgresql.PGStatement;

/**
 * Reads pages of history: one round trip a page for the changes and the rows before them. Where one of those is not stored whole there is a
 * second one, for the rows that their values are folded from, and one more for each state that a fork on the page shares values with. Rows of
 * history do not change their meaning, so the statements need no common snapshot; a page that retention overtook is read again.
 *
 * <p>Safe for use by multiple threads, each with its own connection.
 */
public final class HistoryReader {

  private final HistorySql sql;
  private final String ranges;

  /** A reader for one schema. */
  public HistoryReader(SchemaName schema) {
    this.sql = new HistorySql(schema);
    this.ranges = new Reader(schema).ranges();
  }

  /** The changes that a query asks for, newest first, and one more if there is one. */
  public List<StoredChange> page(Connection connection, UUID state, History query)
      throws SQLException {
    return FoldedRanges.untilWhole(() -> {
      List<ChangeRow> rows = rows(connection, state, query);
      HistoryValues values = HistoryValues.read(connection, ranges, state, rows);
      return values.isWhole()
          ? Optional.of(rows.stream().map(values::complete).toList())
          : Optional.empty();
    });
  }

  private List<ChangeRow> rows(Connection connection, UUID state, History query)
      throws SQLException {
    HistorySql.Page page = sql.page(query);
    try (PreparedStatement statement = connection.prepareStatement(page.sql())) {
      planForItsValues(statement);
      page.bind(statement, state, query);
      try (ResultSet rows = statement.executeQuery()) {
        return readRows(rows);
      }
    }
  }

  /**
   * Keeps the driver from preparing the statement by name. A plan that must fit all values of a filter guesses that few rows match, and sorts
   * the whole history of the state instead of reading it in order up to the end of the page.
   */
  private static void planForItsValues(PreparedStatement statement) throws SQLException {
    if (statement.isWrapperFor(PGStatement.class)) {
      statement.unwrap(PGStatement.class).setPrepareThreshold(0);
    }
  }

  private static List<ChangeRow> readRows(ResultSet rows) throws SQLException {
    List<ChangeRow> read = new ArrayList<>();
    while (rows.next()) {
      long version = rows.getLong(1);
      read.add(new ChangeRow(
          version,
          rows.getString(2),
          Operation.ofSqlName(rows.getString(3)),
          new Origin(
              rows.getString(4),
              rows.getString(5),
              Reader.time(rows, 6),
              rows.getObject(7, UUID.class),
              rows.getObject(8, UUID.class)),
          Link.read(rows, version, 9),
          before(rows)));
    }
    return read;
  }

  /** The columns of the row before follow those of the change; they are null when there is none. */
  private static Optional<Link> before(ResultSet rows) throws SQLException {
    int first = HistorySql.BEFORE_COLUMN;
    long version = rows.getLong(first);
    return rows.wasNull() ? Optional.empty() : Link.read(rows, version, first + 1);
  }
}
