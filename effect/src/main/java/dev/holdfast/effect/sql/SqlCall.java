package dev.holdfast.effect.sql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of an SQL operation: texts, numbers, booleans and nulls. Immutable.
 *
 * @param parameters of the statement, one for each {@code ?}
 * @param undoParameters of the statement that undoes it, likewise
 */
public record SqlCall(List<@Nullable Object> parameters, List<@Nullable Object> undoParameters) {

  /** Copies both lists. */
  public SqlCall {
    parameters = Collections.unmodifiableList(new ArrayList<>(parameters));
    undoParameters = Collections.unmodifiableList(new ArrayList<>(undoParameters));
  }

  /** A call that is undone without parameters. */
  public static SqlCall of(@Nullable Object... parameters) {
    return new SqlCall(Arrays.asList(parameters), List.of());
  }

  /** The same call, undone with these parameters. */
  public SqlCall undoneWith(@Nullable Object... values) {
    return new SqlCall(parameters, Arrays.asList(values));
  }
}
