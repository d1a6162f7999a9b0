package dev.holdfast.store.json.internal;

/**
 * The size of a JSON number, read off its digits without ever making the number: {@code 1e99999999999} is eleven digits of
 * exponent and not 100 GB of zeros. Counts as {@link java.math.BigDecimal} would: its precision, and its exponent with one digit
 * before the point. Made for one number that is known to be well-formed, confined to one thread.
 */
final class NumberText {

  /** Far beyond every limit, and what is left of the digits of a text cannot bring it back. */
  private static final long ENDLESS = 1_000_000_000_000L;

  private int digits;
  private int leadingZeros;
  private int integerDigits = -1;
  private long exponent;

  /** Reads a number from part of an array. */
  NumberText(char[] text, int offset, int length) {
    int at = offset;
    int end = offset + length;
    while (at < end && !isExponentMark(text[at])) {
      readMantissa(text[at++]);
    }
    if (at < end) {
      exponent = exponent(text, at + 1, end);
    }
  }

  /** How many digits there are from the first that is not zero; zero has one. */
  int significantDigits() {
    return Math.max(1, digits);
  }

  /** The exponent once there is one digit before the point, far beyond any limit if it is too large to count. */
  long adjustedExponent() {
    int all = leadingZeros + digits;
    int point = integerDigits < 0 ? all : integerDigits;
    return exponent + (digits == 0 ? point - all : point - leadingZeros - 1);
  }

  private void readMantissa(char c) {
    if (c == '.') {
      integerDigits = leadingZeros + digits;
    } else if (c == '0' && digits == 0) {
      leadingZeros++;
    } else if (c != '-') {
      digits++;
    }
  }

  private static boolean isExponentMark(char c) {
    return c == 'e' || c == 'E';
  }

  private static long exponent(char[] text, int from, int end) {
    int start = text[from] == '-' || text[from] == '+' ? from + 1 : from;
    long exponent = 0;
    for (int i = start; i < end && exponent < ENDLESS; i++) {
      exponent = 10 * exponent + (text[i] - '0');
    }
    return text[from] == '-' ? -exponent : exponent;
  }
}
