package dev.holdfast.store.internal;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Oid;
import org.postgresql.jdbc.PgArray;
import org.postgresql.jdbc.PreferQueryMode;

/** Binds the parameters of a statement one after the other. Confined to one thread. */
public final class Binder {

  private static final Type<UUID> UUIDS =
      new Type<>("uuid", Oid.UUID, Oid.UUID_ARRAY, BinaryArray::add, uuid -> uuid);
  private static final Type<String> TEXTS =
      new Type<>("text", Oid.TEXT, Oid.TEXT_ARRAY, BinaryArray::add, text -> text);
  private static final Type<Long> NUMBERS =
      new Type<>("int8", Oid.INT8, Oid.INT8_ARRAY, BinaryArray::add, number -> number);
  private static final Type<Integer> INTEGERS =
      new Type<>("int4", Oid.INT4, Oid.INT4_ARRAY, BinaryArray::add, number -> number);
  private static final Type<Instant> TIMES = new Type<>(
      "timestamptz",
      Oid.TIMESTAMPTZ,
      Oid.TIMESTAMPTZ_ARRAY,
      BinaryArray::add,
      DatabaseTime::notAfter);

  private final PreparedStatement statement;
  private int index;

  private Binder(PreparedStatement statement) {
    this.statement = statement;
  }

  /** Begins with the first parameter. */
  public static Binder of(PreparedStatement statement) {
    return new Binder(statement);
  }

  /** A UUID. */
  public Binder uuid(@Nullable UUID value) throws SQLException {
    statement.setObject(++index, value, Types.OTHER);
    return this;
  }

  /** A text. */
  public Binder text(@Nullable String value) throws SQLException {
    statement.setString(++index, value);
    return this;
  }

  /** A whole number of 64 bits. */
  public Binder number(@Nullable Long value) throws SQLException {
    if (value == null) {
      statement.setNull(++index, Types.BIGINT);
    } else {
      statement.setLong(++index, value);
    }
    return this;
  }

  /** A whole number of 32 bits. */
  public Binder integer(int value) throws SQLException {
    statement.setInt(++index, value);
    return this;
  }

  /** A truth value. */
  public Binder flag(boolean value) throws SQLException {
    statement.setBoolean(++index, value);
    return this;
  }

  /** Cut to microseconds: rounding up would let a later change in. */
  Binder time(Instant value) throws SQLException {
    statement.setObject(++index, DatabaseTime.notAfter(value));
    return this;
  }

  /** An array of UUIDs. */
  public <T> Binder uuids(List<T> items, Function<T, UUID> column) throws SQLException {
    return array(UUIDS, items, column);
  }

  /** An array of texts. */
  public <T> Binder texts(List<T> items, Function<T, @Nullable String> column) throws SQLException {
    return array(TEXTS, items, column);
  }

  /** An array of whole numbers of 64 bits. */
  public <T> Binder numbers(List<T> items, Function<T, @Nullable Long> column) throws SQLException {
    return array(NUMBERS, items, column);
  }

  /** An array of times. */
  <T> Binder times(List<T> items, Function<T, @Nullable Instant> column) throws SQLException {
    return array(TIMES, items, column);
  }

  /** An array of whole numbers of 32 bits. */
  <T> Binder integers(List<T> items, Function<T, @Nullable Integer> column) throws SQLException {
    return array(INTEGERS, items, column);
  }

  private <T, V> Binder array(
      Type<V> type, List<T> items, Function<T, ? extends @Nullable V> column) throws SQLException {
    Connection connection = statement.getConnection();
    BaseConnection driver = driver(connection);
    Array array = driver == null
        ? connection.createArrayOf(type.name, plain(type, items, column))
        : new PgArray(driver, type.arrayOid, binary(type, items, column));
    statement.setArray(++index, array);
    return this;
  }

  /** The driver's own connection, if it may be sent what is binary. */
  private static @Nullable BaseConnection driver(Connection connection) throws SQLException {
    BaseConnection driver = connection.isWrapperFor(BaseConnection.class)
        ? connection.unwrap(BaseConnection.class)
        : null;
    return driver == null || driver.getPreferQueryMode() == PreferQueryMode.SIMPLE ? null : driver;
  }

  private static <T, V> byte[] binary(
      Type<V> type, List<T> items, Function<T, ? extends @Nullable V> column) {
    BinaryArray array = new BinaryArray(type.oid, items.size());
    for (T item : items) {
      V value = column.apply(item);
      if (value == null) {
        array.addNull();
      } else {
        type.add.accept(array, value);
      }
    }
    return array.toBytes();
  }

  private static <T, V> @Nullable Object[] plain(
      Type<V> type, List<T> items, Function<T, ? extends @Nullable V> column) {
    @Nullable Object[] values = new @Nullable Object[items.size()];
    for (int i = 0; i < values.length; i++) {
      V value = column.apply(items.get(i));
      values[i] = value == null ? null : type.plain.apply(value);
    }
    return values;
  }

  /**
   * A type of elements.
   *
   * @param name what the driver makes arrays by
   * @param oid its number in every PostgreSQL
   * @param arrayOid the number of the type of its arrays
   * @param add adds one to a binary array
   * @param plain what the driver's own arrays are made of
   */
  private record Type<V>(
      String name,
      int oid,
      int arrayOid,
      BiConsumer<BinaryArray, V> add,
      Function<V, Object> plain) {}
}
