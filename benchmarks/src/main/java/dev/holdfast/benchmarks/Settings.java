package dev.holdfast.benchmarks;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How thorough a run is. Immutable.
 *
 * @param isQuick whether it should end soon, at the price of wider spreads
 * @param rounds how often everything is measured, null when not stated
 * @param seed of everything random: the order of contenders, the keys that are written
 * @param only a part of the name of the loads to measure, empty for all
 * @param before another checkout to compare with, where a suite does that; null for none
 */
public record Settings(
    boolean isQuick,
    @Nullable Integer rounds,
    long seed,
    String only,
    @Nullable Path before) {

  /** Checks the number of rounds. */
  public Settings {
    if (rounds != null && (rounds < 1 || rounds > 1000)) {
      throw new IllegalArgumentException("rounds is 1 to 1000, not " + rounds);
    }
  }

  /** The number of rounds that was asked for, otherwise one that suits the suite. */
  public int rounds(int full, int quick) {
    return rounds == null ? choose(full, quick) : rounds;
  }

  /** A number that depends on whether the run is quick. */
  public int choose(int full, int quick) {
    return isQuick ? quick : full;
  }

  /** Whether a load of this name is to be measured. */
  public boolean wants(String load) {
    return load.contains(only);
  }
}
