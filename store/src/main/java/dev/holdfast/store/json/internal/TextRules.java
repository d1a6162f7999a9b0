package dev.holdfast.store.json.internal;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import org.jspecify.annotations.Nullable;

/** The rules that names, keys and the like keep, and how foreign text is shown in a message. */
public final class TextRules {

  private static final int MAX_SHOWN = 40;

  private TextRules() {}

  /**
   * The text, if PostgreSQL can store it and give it back unchanged.
   *
   * @param what what the text is, to name it in the message, such as {@code "the key"}
   * @throws HoldfastException with {@link ErrorCode#INVALID_ARGUMENT} if the text is null or empty, takes more than {@code maxBytes} bytes
   *     in UTF-8, or holds U+0000 or half of a surrogate pair
   */
  public static String requireText(String what, @Nullable String text, int maxBytes) {
    if (text == null) {
      throw new HoldfastException(ErrorCode.INVALID_ARGUMENT, what + " must not be null");
    }
    require(!text.isEmpty(), what, text, "must not be empty");
    require(
        text.length() <= maxBytes && Utf8.size(text) <= maxBytes,
        what,
        text,
        "must not take more than " + maxBytes + " bytes in UTF-8");
    require(text.indexOf('\0') < 0, what, text, "must not hold U+0000");
    require(Utf8.loneSurrogate(text) < 0, what, text, "must not hold half of a surrogate pair");
    return text;
  }

  /** At most so many characters of the text, with an ellipsis if it has more; what does not print is escaped. */
  public static String shown(String text, int maxCharacters) {
    StringBuilder shown = new StringBuilder();
    text.codePoints().limit(maxCharacters).forEach(character -> appendShown(shown, character));
    return text.codePointCount(0, text.length()) > maxCharacters
        ? shown.append('…').toString()
        : shown.toString();
  }

  private static void require(boolean kept, String what, String text, String rule) {
    if (!kept) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "%s %s: \"%s\"".formatted(what, rule, shown(text, MAX_SHOWN)));
    }
  }

  private static void appendShown(StringBuilder shown, int character) {
    if (isPrintable(character)) {
      shown.appendCodePoint(character);
    } else {
      shown.append("\\u%04x".formatted(character));
    }
  }

  /** Controls can forge lines of a log, and directional marks can turn its text around. */
  private static boolean isPrintable(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR -> false;
      default -> true;
    };
  }
}
