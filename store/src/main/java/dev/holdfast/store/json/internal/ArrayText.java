package dev.holdfast.store.json.internal;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.List;

/** Joins JSON arrays as text, so that appended elements are never parsed and keep every character. */
public final class ArrayText {

  private static final String WHITESPACE = " \t\n\r";

  private ArrayText() {}

  /**
   * One array with the elements of all, in order: {@code [a,b]} and {@code [c]} give {@code [a,b,c]}.
   *
   * @param arrays valid JSON arrays, with or without whitespace; what is inside of them is not looked at
   * @throws HoldfastException with {@link ErrorCode#VALUE_TYPE} if one of them is no array
   */
  public static String concat(List<String> arrays) {
    StringBuilder joined = new StringBuilder("[");
    for (String array : arrays) {
      appendElements(joined, array);
    }
    return joined.append(']').toString();
  }

  /** Whether a valid JSON text is an array. */
  public static boolean isArray(String json) {
    int start = skipForward(json, 0);
    return start < json.length() && json.charAt(start) == '[';
  }

  private static void appendElements(StringBuilder joined, String array) {
    if (!isArray(array)) {
      throw new HoldfastException(ErrorCode.VALUE_TYPE, "the JSON value is not an array");
    }
    int start = skipForward(array, array.indexOf('[') + 1);
    int end = skipBack(array, array.lastIndexOf(']'));
    if (start < end) {
      joined.append(joined.length() > 1 ? "," : "").append(array, start, end);
    }
  }

  private static int skipForward(String json, int from) {
    int at = from;
    while (at < json.length() && WHITESPACE.indexOf(json.charAt(at)) >= 0) {
      at++;
    }
    return at;
  }

  private static int skipBack(String json, int end) {
    int at = end;
    while (at > 0 && WHITESPACE.indexOf(json.charAt(at - 1)) >= 0) {
      at--;
    }
    return at;
  }
}
