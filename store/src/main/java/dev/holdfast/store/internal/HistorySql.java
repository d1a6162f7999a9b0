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

import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.History.Filter;
import dev.holdfast.store.history.History.Position;
import dev.holdfast.store.internal.jooq.tables.Change;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.DataType;
import org.jooq.Field;
import org.jooq.JSON;
import org.jooq.OrderField;
import org.jooq.Param;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Select;
import org.jooq.Table;
import org.jooq.conf.MappedSchema;
import org.jooq.conf.RenderMapping;
import org.jooq.conf.Settings;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/**
 * The statements that read pages of history. Which filters there are decides the text, what they are is bound to it; so each text is put
 * together once, because that takes jOOQ as long as the database needs for a short page. There are at most 64.
 *
 * <p>Safe for use by multiple threads.
 */
final class HistorySql {

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
      whole(NEWER));

  /** The first column of the row before the change; null where there is none. */
  static final int BEFORE_COLUMN = SHOWN.size() + 1;

  private final Settings settings;
  private final Map<Shape, Page> pages = new ConcurrentHashMap<>();

  HistorySql(SchemaName schema) {
    this.settings = new Settings()
        .withRenderMapping(new RenderMapping()
            .withSchemata(new MappedSchema()
                .withInput(SchemaName.DEFAULT.value())
                .withOutput(schema.value())));
  }

  /** The statement of a query, to which its values are still to be bound. */
  Page page(History query) {
    return pages.computeIfAbsent(Shape.of(query), this::render);
  }

  private Page render(Shape shape) {
    DSLContext jooq = DSL.using(SQLDialect.POSTGRES, settings);
    PageQuery page = new PageQuery(shape);
    Select<? extends Record> query = page.query();
    List<Given> bound = new ArrayList<>();
    jooq.extractParams(query).forEach((name, param) -> {
      if (!param.isInline()) {
        bound.add(page.given(name));
      }
    });
    return new Page(jooq.render(query), List.copyOf(bound));
  }

  /** The value as it is stored; one that has to be folded is read with the rows that it is folded from. */
  private static Field<JSON> whole(Change row) {
    return DSL.when(row.FORM.eq(DSL.inline(Form.VALUE.sqlName())), row.PAYLOAD).as("whole");
  }

  /**
   * A statement and what is bound to it, in order.
   *
   * @param sql its text
   * @param bound the meaning of each parameter
   */
  record Page(String sql, List<Given> bound) {

    void bind(PreparedStatement statement, UUID state, History query) throws SQLException {
      Binder binder = Binder.of(statement);
      for (Given given : bound) {
        given.bind(binder, state, query);
      }
    }
  }

  /** Which conditions a query has: what decides the text of its statement. */
  private record Shape(
      boolean key, boolean actor, boolean effect, boolean from, boolean until, boolean behind) {

    static Shape of(History query) {
      Filter filter = query.filter();
      return new Shape(
          filter.key() != null,
          filter.actor() != null,
          filter.effectId() != null,
          filter.from() != null,
          filter.until() != null,
          query.position().isPresent());
    }
  }

  /** Gives one parameter of a statement its value. */
  private interface Given {

    Given STATE = (binder, state, query) -> binder.uuid(state);
    Given KEY = (binder, state, query) -> binder.text(query.filter().key());
    Given ACTOR = (binder, state, query) -> binder.text(query.filter().actor());
    Given EFFECT = (binder, state, query) -> binder.uuid(query.filter().effectId());
    Given FROM = (binder, state, query) -> bind(binder, query.filter().from());
    Given UNTIL = (binder, state, query) -> bind(binder, query.filter().until());
    Given AFTER_VERSION = (binder, state, query) -> binder.number(query.filter().afterVersion());
    Given UP_TO_VERSION = (binder, state, query) -> binder.number(query.filter().upToVersion());
    Given READ_VERSION = (binder, state, query) -> binder.number(read(query).version());
    Given READ_KEY = (binder, state, query) -> binder.text(read(query).key());
    Given ROWS = (binder, state, query) -> binder.integer(query.limit() + 1);

    void bind(Binder binder, UUID state, History query) throws SQLException;

    private static void bind(Binder binder, @Nullable Instant time) throws SQLException {
      binder.time(DatabaseTime.notBefore(Objects.requireNonNull(time)).toInstant());
    }

    private static Position read(History query) {
      return query.position().orElseThrow();
    }
  }

  /** A query of one shape. The page is cut first, so that the row before is looked up for the changes of the page only. */
  private static final class PageQuery {

    private final Shape shape;
    private final Map<String, Given> given = new HashMap<>();

    PageQuery(Shape shape) {
      this.shape = shape;
    }

    Select<? extends Record> query() {
      Table<?> page = select(NEWER.fields())
          .from(NEWER)
          .where(matches())
          .and(when(shape.behind, this::behind))
          .orderBy(order())
          .limit(of(Given.ROWS, SQLDataType.INTEGER))
          .asTable(NEWER.getName());
      Table<?> before = before();
      return select(SHOWN)
          .select(before.fields())
          .from(page)
          .leftJoin(before)
          .on(trueCondition())
          .orderBy(order());
    }

    private static Table<?> before() {
      return lateral(select(
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
              .limit(DSL.inline(1)))
          .as("before");
    }

    /** Newest first. With one key its place in the order makes no difference to the result, but to the index that fits. */
    private List<OrderField<?>> order() {
      return shape.key
          ? List.of(NEWER.KEY.desc(), NEWER.VERSION.desc())
          : List.of(NEWER.VERSION.desc(), NEWER.KEY.desc());
    }

    private Condition matches() {
      return NEWER
          .STATE_ID
          .eq(of(Given.STATE, SQLDataType.UUID))
          .and(shape.key ? versionsOfKey() : versions())
          .and(when(shape.actor, this::isByActor))
          .and(when(shape.effect, () -> NEWER.EFFECT_ID.eq(of(Given.EFFECT, SQLDataType.UUID))))
          .and(when(shape.from, () -> unindexed(NEWER.CHANGED_AT).ge(time(Given.FROM))))
          .and(when(shape.until, () -> unindexed(NEWER.CHANGED_AT).lt(time(Given.UNTIL))));
    }

    /**
     * An equation as a range of one value: the index for questions across states knows equations of actors only, and the planner still sees
     * how many changes the actor made. See {@link #unindexed}.
     */
    private Condition isByActor() {
      return NEWER.ACTOR.ge(text(Given.ACTOR)).and(NEWER.ACTOR.le(text(Given.ACTOR)));
    }

    /**
     * Hides a column from the index for questions across states ({@code change_in_order}): for one state the planner would collect blocks by
     * it and sort them, instead of walking the versions and stopping.
     */
    private static <T> Field<T> unindexed(Field<T> column) {
      return coalesce(column, column);
    }

    private Condition versions() {
      return NEWER.VERSION.gt(above()).and(NEWER.VERSION.le(number(Given.UP_TO_VERSION)));
    }

    /** Row comparisons, for the reason given in {@link ReadSql}. */
    private Condition versionsOfKey() {
      return row(NEWER.KEY, NEWER.VERSION)
          .gt(text(Given.KEY), above())
          .and(row(NEWER.KEY, NEWER.VERSION).le(text(Given.KEY), number(Given.UP_TO_VERSION)));
    }

    /** What was cleared is not shown. */
    private Field<Long> above() {
      Field<Long> oldest = field(select(STATE.OLDEST_VERSION)
          .from(STATE)
          .where(STATE.STATE_ID.eq(of(Given.STATE, SQLDataType.UUID))));
      return greatest(oldest, number(Given.AFTER_VERSION));
    }

    /** The comparison of the version alone lets the planner use the index, the one of the pair makes it exact. */
    private Condition behind() {
      if (shape.key) {
        return row(NEWER.KEY, NEWER.VERSION).lt(text(Given.KEY), number(Given.READ_VERSION));
      }
      return NEWER
          .VERSION
          .le(number(Given.READ_VERSION))
          .and(row(NEWER.VERSION, NEWER.KEY)
              .lessThan(number(Given.READ_VERSION), text(Given.READ_KEY)));
    }

    private static Condition when(boolean given, Supplier<Condition> condition) {
      return given ? condition.get() : trueCondition();
    }

    private Param<String> text(Given what) {
      return of(what, SQLDataType.VARCHAR);
    }

    private Param<Long> number(Given what) {
      return of(what, SQLDataType.BIGINT);
    }

    private Param<OffsetDateTime> time(Given what) {
      return of(what, SQLDataType.TIMESTAMPWITHTIMEZONE);
    }

    /** A parameter of its own for each place. Its name is no number, because those are what jOOQ calls parameters without a name. */
    private <T> Param<T> of(Given what, DataType<T> type) {
      String name = "given " + given.size();
      given.put(name, what);
      return DSL.param(name, type);
    }

    private Given given(String name) {
      return Objects.requireNonNull(given.get(name), name);
    }
  }
}
