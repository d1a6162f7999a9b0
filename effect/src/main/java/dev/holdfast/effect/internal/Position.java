package dev.holdfast.effect.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where an operation stands: the second operation is 2, the first within a scope there is 2.1. Ordered as they were begun, so compensation
 * goes from the greatest to the least. Immutable.
 *
 * @param path numbers from 1; empty for the transaction itself
 */
public record Position(List<Integer> path) implements Comparable<Position> {

  /** The transaction itself. */
  public static final Position ROOT = new Position(List.of());

  /** Keeps a copy. */
  public Position {
    path = List.copyOf(path);
  }

  /** Reads the text of an array, such as {@code {2,1}}. */
  static Position parse(String array) {
    String inside = array.substring(1, array.length() - 1);
    return inside.isEmpty()
        ? ROOT
        : new Position(
            Arrays.stream(inside.split(",", -1)).map(Integer::valueOf).toList());
  }

  Position child(int number) {
    List<Integer> longer = new ArrayList<>(path);
    longer.add(number);
    return new Position(longer);
  }

  /** Whether this is below another position. */
  boolean isWithin(Position scope) {
    int depth = scope.path.size();
    return path.size() > depth && path.subList(0, depth).equals(scope.path);
  }

  /** The text of an array in SQL. */
  String sql() {
    return path.stream().map(String::valueOf).collect(Collectors.joining(",", "{", "}"));
  }

  @Override
  public int compareTo(Position other) {
    int common = Math.min(path.size(), other.path.size());
    for (int i = 0; i < common; i++) {
      int order = Integer.compare(path.get(i), other.path.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(path.size(), other.path.size());
  }

  @Override
  public String toString() {
    return path.stream().map(String::valueOf).collect(Collectors.joining("."));
  }
}
