package dev.holdfast.cache;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * How much memory a cache is likely to need. An estimate from the average size of an entry, nothing is measured. Immutable.
 *
 * @param estimatedMebibytes entries times size, in MiB with two decimals
 * @param maximumMebibytes a fifth more, for what the cache itself needs, in MiB with two decimals
 * @param entriesPerMebibyte how many entries a MiB holds, with one decimal
 */
public record CacheMemory(
    double estimatedMebibytes, double maximumMebibytes, double entriesPerMebibyte) {

  /**
   * The memory of a full cache.
   *
   * @param maximumSize how many entries it holds, 0 or more
   * @param entryKibibytes the average size of an entry with its key, in KiB, above 0
   * @throws HoldfastException with {@link ErrorCode#INVALID_ARGUMENT} for other numbers
   */
  public static CacheMemory estimate(int maximumSize, double entryKibibytes) {
    if (maximumSize < 0 || !(entryKibibytes > 0) || Double.isInfinite(entryKibibytes)) {
      throw invalid(maximumSize, entryKibibytes);
    }
    double mebibytes = maximumSize * entryKibibytes / 1024;
    if (Double.isInfinite(mebibytes * 1.2) || Double.isInfinite(1024 / entryKibibytes)) {
      throw invalid(maximumSize, entryKibibytes);
    }
    return new CacheMemory(
        rounded(mebibytes, 2), rounded(mebibytes * 1.2, 2), rounded(1024 / entryKibibytes, 1));
  }

  private static HoldfastException invalid(int maximumSize, double entryKibibytes) {
    return new HoldfastException(
        ErrorCode.INVALID_ARGUMENT,
        "An estimate needs a maximum size of at least 0 and a size of entries above 0 KiB, not "
            + maximumSize + " and " + entryKibibytes);
  }

  private static double rounded(double number, int decimals) {
    return new BigDecimal(number).setScale(decimals, RoundingMode.HALF_EVEN).doubleValue();
  }
}
