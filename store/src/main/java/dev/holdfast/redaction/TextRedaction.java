package dev.holdfast.redaction;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One text being searched for sensitive names. Goes through it once: a name is only looked for where one can begin, and what was hidden is
 * not looked at again. Confined to one thread.
 */
final class TextRedaction {

  private static final String LETTER = "[\\p{L}\\p{N}_.-]";

  private static final String SEPARATOR = "[ \\t]*+(?:=>|[:=])[ \\t]*+";

  /**
   * A name and what separates it from its value; or that behind the closing quote, perhaps escaped, of any name. The first quote may be
   * missing inside its group: a possessive group that is found where the rest is not would still be set when the rest is found further on.
   */
  private static final Pattern NAME = Pattern.compile(
      "(?<!" + LETTER + ")(" + LETTER + "++)\\\\*+([\"']?+)" + SEPARATOR + "|([\"'])" + SEPARATOR);

  /** No opening quote is looked for further than so many characters before the closing one. */
  private static final int MAX_QUOTED = 1_000;

  private final SensitiveNames names;
  private final String placeholder;
  private final String text;
  private final Matcher name;
  private final StringBuilder result = new StringBuilder();

  /** How many brackets are open in what was not hidden. */
  private int open;

  TextRedaction(SensitiveNames names, String placeholder, String text) {
    this.names = names;
    this.placeholder = placeholder;
    this.text = text;
    this.name = NAME.matcher(text);
  }

  String result() {
    int done = 0;
    while (name.find(done)) {
      int value = name.end();
      show(done, value);
      done = names.contains(name()) ? hide(value) : value;
    }
    return result.append(text, done, text.length()).toString();
  }

  /** What was found: all that is within the quotes, if there are any; a name in quotes may hold blanks and signs. */
  private String name() {
    int quote = name.start(2) < name.end(2) ? name.start(2) : name.start(3);
    int closing = result.length() - (name.end() - quote);
    int opening = quote < 0 ? -1 : openingQuote(closing);
    return opening < 0
        ? Objects.requireNonNullElse(name.group(1), "")
        : result.substring(opening + 1, closing);
  }

  /** In what is shown, so that no hidden value is taken for a name; negative if there is none nearby. */
  private int openingQuote(int closing) {
    char quote = result.charAt(closing);
    int escapes = escapes(closing);
    for (int i = closing - 1; i >= Math.max(0, closing - MAX_QUOTED); i--) {
      if (result.charAt(i) == quote && closes(escapes, escapes(i))) {
        return i;
      }
    }
    return -1;
  }

  private int escapes(int quote) {
    int start = quote;
    while (start > 0 && result.charAt(start - 1) == '\\') {
      start--;
    }
    return quote - start;
  }

  private void show(int from, int to) {
    for (int i = from; i < to; i++) {
      char here = text.charAt(i);
      if (isOpening(here)) {
        open++;
      } else if (isClosing(here)) {
        open = Math.max(0, open - 1);
      }
    }
    result.append(text, from, to);
  }

  /** Appends the placeholder for a value, and says where the value ends. */
  private int hide(int start) {
    int behind = start + placeholder.length();
    if (text.startsWith(placeholder, start) && endsPlain(behind, 0)) {
      result.append(placeholder);
      return behind;
    }
    int quote = start;
    while (quote < text.length() && text.charAt(quote) == '\\') {
      quote++;
    }
    if (quote < text.length() && isQuote(text.charAt(quote))) {
      int end = quotedEnd(quote, quote - start);
      String opening = text.substring(start, quote + 1);
      result.append(opening).append(placeholder).append(end < text.length() ? opening : "");
      return Math.min(text.length(), end + 1);
    }
    int end = start < text.length() && isOpening(text.charAt(start))
        ? bracketValueEnd(start)
        : plainEnd(start);
    result.append(end > start ? placeholder : "");
    return end;
  }

  /** The closing quote: as much escaped as the opening one, or, where that is not escaped, not escaped either. */
  private int quotedEnd(int opening, int escapes) {
    char quote = text.charAt(opening);
    int backslashes = 0;
    for (int i = opening + 1; i < text.length(); i++) {
      char here = text.charAt(i);
      if (here == quote && closes(escapes, backslashes)) {
        return i;
      }
      backslashes = here == '\\' ? backslashes + 1 : 0;
    }
    return text.length();
  }

  /** Whether a quote behind so many backslashes is the other one of a quote that is escaped so often. */
  private static boolean closes(int escapes, int backslashes) {
    return escapes == 0 ? backslashes % 2 == 0 : backslashes <= escapes;
  }

  /** A placeholder without brackets is a plain value when it is read again, and must end where that does. */
  private int bracketValueEnd(int opening) {
    int end = bracketEnd(opening);
    boolean bracketed = !placeholder.isEmpty() && isOpening(placeholder.charAt(0));
    return bracketed ? end : plainEnd(end);
  }

  /** Behind the bracket that closes an object or list; the end of the text if none does. */
  private int bracketEnd(int opening) {
    int depth = 0;
    for (int i = opening; i < text.length(); i++) {
      char here = text.charAt(i);
      if (here == '"') {
        i = quotedEnd(i, 0);
      } else if (isOpening(here)) {
        depth++;
      } else if (isClosing(here) && --depth == 0) {
        return i + 1;
      }
    }
    return text.length();
  }

  private int plainEnd(int start) {
    int depth = 0;
    int end = start;
    while (!endsPlain(end, depth)) {
      char here = text.charAt(end++);
      if (isOpening(here)) {
        depth++;
      } else if (isClosing(here)) {
        depth = Math.max(0, depth - 1);
      }
    }
    return end;
  }

  /** Whether a value without quotes ends here, where so many of its own brackets are open. */
  private boolean endsPlain(int i, int depth) {
    if (i == text.length()) {
      return true;
    }
    char here = text.charAt(i);
    return switch (here) {
      case '\n', '\r', '&', ';' -> true;
      case ',' -> i + 1 == text.length() || Character.isWhitespace(text.charAt(i + 1));
      case ' ', '\t' ->
        name.region(i + 1, text.length()).useTransparentBounds(true).lookingAt()
            && name.group(1) != null;
      default -> isClosing(here) && depth == 0 && open > 0;
    };
  }

  private static boolean isQuote(char character) {
    return character == '"' || character == '\'';
  }

  private static boolean isOpening(char character) {
    return character == '{' || character == '[' || character == '(';
  }

  private static boolean isClosing(char character) {
    return character == '}' || character == ']' || character == ')';
  }
}
