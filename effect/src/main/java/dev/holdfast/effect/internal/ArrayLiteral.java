package dev.holdfast.effect.internal;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The text of an array in SQL, such as <code>{"a",NULL,"c"}</code>. */
final class ArrayLiteral {

  private ArrayLiteral() {}

  /** An array with a value of each item; the server reads it as whatever type it is cast to. */
  static <T> String of(List<T> items, Function<T, @Nullable Object> value) {
    StringBuilder text = new StringBuilder("{");
    for (T item : items) {
      if (text.length() > 1) {
        text.append(',');
      }
      append(text, value.apply(item));
    }
    return text.append('}').toString();
  }

  private static void append(StringBuilder text, @Nullable Object value) {
    if (value == null) {
      text.append("NULL");
      return;
    }
    String content = value.toString();
    text.append('"');
    for (int i = 0; i < content.length(); i++) {
      char next = content.charAt(i);
      if (next == '"' || next == '\\') {
        text.append('\\');
      }
      text.append(next);
    }
    text.append('"');
  }
}
