package dev.holdfast.store.internal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Binds the parameters of a statement one after the other. Confined to one thread. */
public final class Binder {

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
    return array("uuid", items.stream().map(column).toArray());
  }

  /** An array of texts. */
  public <T> Binder texts(List<T> items, Function<T, @Nullable String> column) throws SQLException {
    @Nullable String[] values = new @Nullable String[items.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = column.apply(items.get(i));
    }
    return array("text", values);
  }

  /** An array of whole numbers of 64 bits. */
  public <T> Binder numbers(List<T> items, Function<T, @Nullable Long> column) throws SQLException {
    @Nullable Long[] values = new @Nullable Long[items.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = column.apply(items.get(i));
    }
    return array("int8", values);
  }

  /** An array of times. */
  <T> Binder times(List<T> items, Function<T, @Nullable Instant> column) throws SQLException {
    @Nullable Object[] values = new @Nullable Object[items.size()];
    for (int i = 0; i < values.length; i++) {
      Instant time = column.apply(items.get(i));
      values[i] = time == null ? null : DatabaseTime.notAfter(time);
    }
    return array("timestamptz", values);
  }

  <T> Binder integers(List<T> items, Function<T, @Nullable Integer> column) throws SQLException {
    @Nullable Integer[] values = new @Nullable Integer[items.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = column.apply(items.get(i));
    }
    return array("int4", values);
  }

  private Binder array(String type, @Nullable Object[] values) throws SQLException {
    Connection connection = statement.getConnection();
    statement.setArray(++index, connection.createArrayOf(type, values));
    return this;
  }
}
