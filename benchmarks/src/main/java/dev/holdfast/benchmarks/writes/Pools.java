package dev.holdfast.benchmarks.writes;

import dev.holdfast.benchmarks.Settings;
import java.util.List;

/** The pool sizes that are tried. */
final class Pools {

  private Pools() {}

  /** For one thread there is nothing to try. */
  static List<Integer> sizes(int threads, Settings settings) {
    if (threads == 1) {
      return List.of(2);
    }
    List<Integer> sizes = settings.isQuick() ? List.of(4, 16, 64) : List.of(4, 8, 16, 32, 64);
    return sizes.stream().filter(size -> size <= threads).toList();
  }
}
