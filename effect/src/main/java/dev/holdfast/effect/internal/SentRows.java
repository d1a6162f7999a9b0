package dev.holdfast.effect.internal;

import dev.holdfast.store.internal.Binder;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Rows that go to the server as parameters of a statement, in which they are a relation {@code i}.
 *
 * <p>A few are spelled out as values, which costs the server a fifth less for a whole write to a journal: what is one row is part of the plan,
 * and what are a few is a list. More of them are arrays, so that there are not more texts than a connection keeps prepared. Arrays are sent as
 * text that the server reads when it runs the statement, which hides their length from the planner: it would prefer a new plan for every call
 * otherwise. A sub-query, {@code (SELECT ?)}, hides it as well, but has to be set up for each array.
 *
 * <p>Immutable.
 *
 * @param <T> what becomes a row
 */
final class SentRows<T> {

  /** As many payloads as a step writes, with the response of the operation before it. */
  private static final int FEW = 4;

  private final List<Column<T>> columns;

  private SentRows(List<Column<T>> columns) {
    this.columns = List.copyOf(columns);
  }

  /** Without a column yet. */
  static <T> SentRows<T> none() {
    return new SentRows<>(List.of());
  }

  /** With a column of texts more. */
  SentRows<T> text(String name, Function<T, @Nullable String> value) {
    return and(
        new Column<>(name, "text", value::apply, (binder, row) -> binder.text(value.apply(row))));
  }

  /** With a column of whole numbers of 64 bits more. */
  SentRows<T> number(String name, Function<T, @Nullable Long> value) {
    return and(new Column<>(
        name, "bigint", value::apply, (binder, row) -> binder.number(value.apply(row))));
  }

  /** With a column of UUIDs more. */
  SentRows<T> uuid(String name, Function<T, UUID> value) {
    return and(
        new Column<>(name, "uuid", value::apply, (binder, row) -> binder.uuid(value.apply(row))));
  }

  private SentRows<T> and(Column<T> column) {
    List<Column<T>> more = new ArrayList<>(columns);
    more.add(column);
    return new SentRows<>(more);
  }

  /** Rows of so many have one text; all that are not a few have the same. */
  static int shape(int rows) {
    return Math.min(rows, FEW + 1);
  }

  /** The relation for rows of a {@linkplain #shape shape}. */
  String sql(int shape) {
    return shape > FEW ? arrays() : values(shape);
  }

  private String values(int rows) {
    String row = columns.stream()
        .map(column -> "?::" + column.type())
        .collect(Collectors.joining(", ", "(", ")"));
    return "(VALUES " + String.join(", ", Collections.nCopies(rows, row)) + ")" + names();
  }

  /** The relation for any number of rows. */
  String arrays() {
    return columns.stream()
            .map(column -> "?::text::" + column.type() + "[]")
            .collect(Collectors.joining(", ", "unnest(", ")"))
        + names();
  }

  private String names() {
    return columns.stream().map(Column::name).collect(Collectors.joining(", ", " AS i (", ")"));
  }

  /** Binds rows to the relation of their shape. */
  void bind(Binder binder, List<T> rows) throws SQLException {
    if (rows.size() > FEW) {
      bindArrays(binder, rows);
      return;
    }
    for (T row : rows) {
      for (Column<T> column : columns) {
        column.binding().bind(binder, row);
      }
    }
  }

  /** Binds rows to the relation for any number. */
  void bindArrays(Binder binder, List<T> rows) throws SQLException {
    for (Column<T> column : columns) {
      binder.text(ArrayLiteral.of(rows, column.value()));
    }
  }

  /**
   * A column.
   *
   * @param binding binds the value of one row
   */
  private record Column<T>(
      String name, String type, Function<T, @Nullable Object> value, Binding<T> binding) {}

  /** Binds one parameter. */
  @FunctionalInterface
  private interface Binding<T> {

    @SuppressWarnings("UnusedReturnValue") // The binder itself, for the next one.
    Binder bind(Binder binder, T row) throws SQLException;
  }
}
