package dev.holdfast.effect.internal;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The text of an array in SQL, such as <code>{"a",NULL,"c"}</code>. */
final class ArrayLiteral {

  /** What most values are no longer than, with their quotes: it spares the text growing a few times. */
  private static final int USUAL = 40;

  private ArrayLiteral() {}

  /** An array with a value of each item; the server reads it as whatever type it is cast to. */
  static <T> String of(List<T> items, Function<T, @Nullable Object> value) {
    StringBuilder text = new StringBuilder(2 + items.size() * USUAL).append('{');
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
    if (content.indexOf('"') < 0 && content.indexOf('\\') < 0) {
      text.append(content);
    } else {
      escape(text, content);
    }
    text.append('"');
  }

  private static void escape(StringBuilder text, String content) {
    for (int i = 0; i < content.length(); i++) {
      char next = content.charAt(i);
      if (next == '"' || next == '\\') {
        text.append('\\');
      }
      text.append(next);
    }
  }
}
