package dev.holdfast.compute;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The results of many inputs. Immutable, if the values are.
 *
 * @param results in the order of the inputs
 * @param threads that worked on them, the caller's included; 1 when they were computed one after the other
 */
public record Batch<O>(List<Computed<O>> results, int threads) {

  /** Copies the list. */
  public Batch {
    results = List.copyOf(results);
  }

  /** The values in the order of the inputs; may hold nulls. */
  public List<O> values() {
    List<O> values = new ArrayList<>();
    results.forEach(result -> add(values, result));
    return Collections.unmodifiableList(values);
  }

  @SuppressWarnings("NullAway") // A function that returns null has callers who expect it.
  private static <O> void add(List<O> values, Computed<O> result) {
    values.add(result.value());
  }
}
