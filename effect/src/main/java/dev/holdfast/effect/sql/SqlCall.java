package dev.holdfast.effect.sql;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of an SQL operation: texts, finite numbers, booleans and nulls. Immutable. Others are refused: they come out of the journal as
 * something else, with which the statement would be repeated or undone, also a {@code Float}, which is another number than the one it shows. Give them
 * as texts, and their types in the statement, as in {@code ?::uuid}.
 *
 * @param parameters of the statement, one for each {@code ?}
 * @param undoParameters of the statement that undoes it, likewise
 */
public record SqlCall(List<@Nullable Object> parameters, List<@Nullable Object> undoParameters) {

  private static final Set<Class<?>> EXACT = Set.of(
      String.class,
      Character.class,
      Boolean.class,
      Byte.class,
      Short.class,
      Integer.class,
      Long.class,
      BigInteger.class,
      BigDecimal.class);

  /** Copies both lists. What is in them is looked at when they are about to be performed, and not again when the journal has them. */
  public SqlCall {
    parameters = Collections.unmodifiableList(new ArrayList<>(parameters));
    undoParameters = Collections.unmodifiableList(new ArrayList<>(undoParameters));
  }

  /**
   * A call that is undone without parameters.
   *
   * @throws HoldfastException with {@link ErrorCode#INVALID_ARGUMENT} when a parameter is something else
   */
  public static SqlCall of(@Nullable Object... parameters) {
    return new SqlCall(Arrays.asList(parameters), List.of()).requireKept();
  }

  /**
   * The same call, undone with these parameters.
   *
   * @throws HoldfastException with {@link ErrorCode#INVALID_ARGUMENT} when a parameter is something else
   */
  public SqlCall undoneWith(@Nullable Object... values) {
    return new SqlCall(parameters, Arrays.asList(values)).requireKept();
  }

  SqlCall requireKept() {
    requireKept("parameter", parameters);
    requireKept("parameter to undo with", undoParameters);
    return this;
  }

  private static void requireKept(String what, List<@Nullable Object> values) {
    for (int i = 0; i < values.size(); i++) {
      Object value = values.get(i);
      if (value != null && !isKept(value)) {
        throw new HoldfastException(
            ErrorCode.INVALID_ARGUMENT,
            "SQL operations: " + what + " " + (i + 1) + " is a "
                + value.getClass().getName()
                + (value instanceof Double ? " that is not finite" : "")
                + "; only texts, finite numbers, booleans and nulls come out of the journal as they were: give a text, and its type in the statement, as in ?::uuid");
      }
    }
  }

  private static boolean isKept(Object value) {
    return EXACT.contains(value.getClass())
        || (value instanceof Double number && Double.isFinite(number));
  }
}
