package dev.holdfast.benchmarks.writes;

import dev.holdfast.benchmarks.load.Stop;
import dev.holdfast.benchmarks.report.Contender;
import java.util.List;

/**
 * How hard and how long to write. Immutable.
 *
 * @param threads that write at once
 * @param states over which the writes are spread
 * @param pools sizes of the connection pool to choose from
 * @param warmUp how long before each measured run, and before each try of a pool size
 * @param trial how long to try a pool size
 * @param measured how long a measured run is
 */
public record Load(
    int threads, int states, List<Integer> pools, Stop warmUp, Stop trial, Stop measured) {

  /** The contender of a way under this load. */
  public Contender contender(Way<?> way) {
    return new Contender(way.name(), threads, states);
  }
}
