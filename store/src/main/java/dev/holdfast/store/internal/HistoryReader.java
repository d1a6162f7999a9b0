package dev.holdfast.store.internal;

import static dev.holdfast.store.internal.jooq.Tables.CHANGE;
import static dev.holdfast.store.internal.jooq.Tables.STATE;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.greatest;
import static org.jooq.impl.DSL.lateral;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.trueCondition;
import static org.jooq.impl.DSL.val;
import static org.jooq.impl.DSL.when;

import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.History.Filter;
import dev.holdfast.store.history.History.Position;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.history.Origin;
import dev.holdfast.store.internal.jooq.tables.Change;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jooq.Condition;
import org.jooq.Cursor;
import org.jooq.DSLContext;
import org.jooq.ExecuteContext;
import org.jooq.ExecuteListener;
import org.jooq.Field;
import org.jooq.JSON;
import org.jooq.OrderField;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Select;
import org.jooq.Table;
import org.jooq.conf.MappedSchema;
import org.jooq.conf.RenderMapping;
import org.jooq.conf.Settings;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;
import org.jooq.impl.DefaultConfiguration;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/**
 * Reads pages of history. The filters vary, so the statement is built; one round trip a page for the changes and the rows before them. Where
 * one of those is not stored whole there is a second one, for the rows that their values are folded from, and one more for each state that a
 * fork on the page shares values with. Rows of history do not change their meaning, so the statements need no common snapshot; a page that
 * retention overtook is read again.
 *
 * <p>Safe for use by multiple threads, each with its own connection.
 */
public final class HistoryReader {

  static {
    // jOOQ announces itself in the log at its first use, and a library's library should not.
    if (System.getProperty("org.jooq.no-logo") == null) {
      System.setProperty("org.jooq.no-logo", "true");
    }
    if (System.getProperty("org.jooq.no-tips") == null) {
      System.setProperty("org.jooq.no-tips", "true");
    }
  }

  private static final Change NEWER = CHANGE.as("newer");
  private static final Change OLDER = CHANGE.as("older");

  private static final Field<JSON> WHOLE = whole(NEWER);

  /** What is shown of a change, beside the row before it. */
  private static final List<Field<?>> SHOWN = List.of(
      NEWER.VERSION,
      NEWER.KEY,
      NEWER.OPERATION,
      NEWER.ACTOR,
      NEWER.REASON,
      NEWER.CHANGED_AT,
      NEWER.TRANSACTION_ID,
      NEWER.EFFECT_ID,
      NEWER.FORM,
      NEWER.BASE_VERSION,
      NEWER.SOURCE_VERSION,
      NEWER.SOURCE_STATE_ID,
      WHOLE);

  /** The row before it. Made once: jOOQ renders a query that becomes a table, to name it. */
  private static final Table<?> BEFORE = lateral(select(
              OLDER.VERSION,
              OLDER.FORM,
              OLDER.BASE_VERSION,
              OLDER.SOURCE_VERSION,
              OLDER.SOURCE_STATE_ID,
              whole(OLDER))
          .from(OLDER)
          .where(OLDER.STATE_ID.eq(NEWER.STATE_ID), OLDER.KEY.ge(NEWER.KEY))
          .and(row(OLDER.KEY, OLDER.VERSION).lt(NEWER.KEY, NEWER.VERSION))
          .orderBy(OLDER.KEY.desc(), OLDER.VERSION.desc())
          .limit(1))
      .as("before");

  private final Settings settings;
  private final String ranges;

  /** A reader for one schema. */
  public HistoryReader(SchemaName schema) {
    this.ranges = new Reader(schema).ranges();
    this.settings = new Settings()
        .withExecuteLogging(false)
        .withRenderMapping(new RenderMapping()
            .withSchemata(new MappedSchema()
                .withInput(SchemaName.DEFAULT.value())
                .withOutput(schema.value())));
  }

  /** The changes that a query asks for, newest first, and one more if there is one. */
  public List<StoredChange> page(Connection connection, UUID state, History query)
      throws SQLException {
    try {
      DSLContext jooq = DSL.using(new DefaultConfiguration()
          .set(connection)
          .set(SQLDialect.POSTGRES)
          .set(settings)
          .set(new PlannedForItsValues()));
      return FoldedRanges.untilWhole(() -> {
        List<ChangeRow> rows = rows(jooq, pageQuery(state, query));
        HistoryValues values = HistoryValues.read(connection, ranges, state, rows);
        return values.isWhole()
            ? Optional.of(rows.stream().map(values::complete).toList())
            : Optional.empty();
      });
    } catch (DataAccessException e) {
      SQLException cause = e.getCause(SQLException.class);
      throw cause == null ? new SQLException(e) : cause;
    }
  }

  /** Not as records of jOOQ, which looks every field of each up by its name. */
  private static List<ChangeRow> rows(DSLContext jooq, Select<? extends Record> query)
      throws SQLException {
    try (Cursor<? extends Record> cursor = jooq.fetchLazy(query);
        ResultSet rows = cursor.resultSet()) {
      return readRows(rows);
    }
  }

  /** The page is cut first, so that the row before is looked up for the changes of the page only. */
  private static Select<? extends Record> pageQuery(UUID state, History query) {
    Table<?> page = DSL.select(NEWER.fields())
        .from(NEWER)
        .where(matches(state, query.filter()))
        .and(query
            .position()
            .map(position -> behind(position, query.filter()))
            .orElse(trueCondition()))
        .orderBy(order(query.filter()))
        .limit(query.limit() + 1)
        .asTable(NEWER.getName());
    return DSL.select(SHOWN)
        .select(BEFORE.fields())
        .from(page)
        .leftJoin(BEFORE)
        .on(trueCondition())
        .orderBy(order(query.filter()));
  }

  /** The value, if the row has it whole; what has to be folded is read with the rows that it is folded from. */
  private static Field<JSON> whole(Change row) {
    return when(row.FORM.eq(Form.VALUE.sqlName()), row.PAYLOAD).as("whole");
  }

  /** Newest first. With one key its place in the order makes no difference to the result, but to the index that fits. */
  private static List<OrderField<?>> order(Filter filter) {
    return filter.key() == null
        ? List.of(NEWER.VERSION.desc(), NEWER.KEY.desc())
        : List.of(NEWER.KEY.desc(), NEWER.VERSION.desc());
  }

  private static Condition matches(UUID state, Filter filter) {
    return NEWER
        .STATE_ID
        .eq(state)
        .and(
            filter.key() == null
                ? versions(state, filter)
                : versionsOf(filter.key(), state, filter))
        .and(optional(filter.actor(), HistoryReader::isBy))
        .and(optional(filter.effectId(), NEWER.EFFECT_ID::eq))
        .and(optional(
            filter.from(), time -> unindexed(NEWER.CHANGED_AT).ge(DatabaseTime.notBefore(time))))
        .and(optional(
            filter.until(), time -> unindexed(NEWER.CHANGED_AT).lt(DatabaseTime.notBefore(time))));
  }

  /**
   * An equation as a range of one value: the index for questions across states knows equations of actors only, and the planner still sees
   * how many changes the actor made. See {@link #unindexed}.
   */
  private static Condition isBy(String actor) {
    return NEWER.ACTOR.ge(actor).and(NEWER.ACTOR.le(actor));
  }

  /**
   * Hides a column from the index for questions across states ({@code change_in_order}): for one state the planner would collect blocks by it
   * and sort them, instead of walking the versions and stopping.
   */
  private static <T> Field<T> unindexed(Field<T> column) {
    return coalesce(column, column);
  }

  private static Condition versions(UUID state, Filter filter) {
    return NEWER.VERSION.gt(above(state, filter)).and(NEWER.VERSION.le(filter.upToVersion()));
  }

  /** Row comparisons, for the reason given in {@link ReadSql}. */
  private static Condition versionsOf(String key, UUID state, Filter filter) {
    return row(NEWER.KEY, NEWER.VERSION)
        .gt(val(key), above(state, filter))
        .and(row(NEWER.KEY, NEWER.VERSION).le(key, filter.upToVersion()));
  }

  /** What was cleared is not shown. */
  private static Field<Long> above(UUID state, Filter filter) {
    Field<Long> oldest =
        field(select(STATE.OLDEST_VERSION).from(STATE).where(STATE.STATE_ID.eq(state)));
    return greatest(oldest, val(filter.afterVersion()));
  }

  private static <T> Condition optional(@Nullable T value, Function<T, Condition> condition) {
    return value == null ? trueCondition() : condition.apply(value);
  }

  /** The comparison of the version alone lets the planner use the index, the one of the pair makes it exact. */
  private static Condition behind(Position position, Filter filter) {
    if (filter.key() != null) {
      return row(NEWER.KEY, NEWER.VERSION).lt(filter.key(), position.version());
    }
    return NEWER
        .VERSION
        .le(position.version())
        .and(row(NEWER.VERSION, NEWER.KEY).lessThan(position.version(), position.key()));
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
    int first = SHOWN.size() + 1;
    long version = rows.getLong(first);
    return rows.wasNull() ? Optional.empty() : Link.read(rows, version, first + 1);
  }

  /**
   * Keeps the driver from preparing the statement by name. A plan that must fit all values of a filter guesses that few rows match, and sorts
   * the whole history of the state instead of reading it in order up to the end of the page.
   */
  private static final class PlannedForItsValues implements ExecuteListener {

    private static final long serialVersionUID = 1L;

    @Override
    public void prepareEnd(ExecuteContext context) {
      PreparedStatement statement = context.statement();
      try {
        if (statement != null && statement.isWrapperFor(PGStatement.class)) {
          statement.unwrap(PGStatement.class).setPrepareThreshold(0);
        }
      } catch (SQLException e) {
        context.sqlException(e);
      }
    }
  }
}
