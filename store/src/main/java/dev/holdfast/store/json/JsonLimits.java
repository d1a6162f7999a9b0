package dev.holdfast.store.json;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;

/**
 * The bounds of a JSON document that may be stored. They exist because a small text can stand for something that is never read
 * back: 74 KB of {@code 1e131071} take a gigabyte to read. Immutable.
 *
 * @param maxBytes the size of the text in UTF-8, 1 to 256 MiB
 * @param maxDepth how deeply arrays and objects may be nested, 1 to 1,000; a scalar has depth 0
 * @param maxNumberDigits how many significant digits a number may have, 1 to 8,000; leading zeros and the exponent do not count,
 *     but a number is also refused when its text is longer than both number limits and 16 characters together
 * @param maxNumberExponent how far from zero the decimal exponent of a number may be once it is written with one digit before the
 *     point, 0 to 8,000; that of zero is the one it is written with
 */
public record JsonLimits(int maxBytes, int maxDepth, int maxNumberDigits, int maxNumberExponent) {

  /** 1 MiB, 200 levels, 1,000 digits and exponents from -400 to 400, which holds every {@code double}. */
  public static final JsonLimits DEFAULT = new JsonLimits(1 << 20, 200, 1_000, 400);

  static final int HIGHEST_BYTES = 256 << 20;
  static final int HIGHEST_DEPTH = 1_000;

  // Together below 16,383, the most places behind the point that a number of PostgreSQL has.
  static final int HIGHEST_DIGITS = 8_000;
  static final int HIGHEST_EXPONENT = 8_000;

  /**
   * Limits within the ranges above.
   *
   * @throws HoldfastException with {@link ErrorCode#CONFIGURATION} if one is outside of its range
   */
  public JsonLimits {
    requireRange("maxBytes", maxBytes, 1, HIGHEST_BYTES);
    requireRange("maxDepth", maxDepth, 1, HIGHEST_DEPTH);
    requireRange("maxNumberDigits", maxNumberDigits, 1, HIGHEST_DIGITS);
    requireRange("maxNumberExponent", maxNumberExponent, 0, HIGHEST_EXPONENT);
  }

  private static void requireRange(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new HoldfastException(
          ErrorCode.CONFIGURATION,
          "%s must be between %d and %d, not %d".formatted(name, min, max, value));
    }
  }
}
