package dev.holdfast.benchmarks.writes;

import java.util.List;
import java.util.function.BiFunction;
import javax.sql.DataSource;

/**
 * A way to write, before it has a pool. Immutable.
 *
 * @param name of the contender
 * @param open makes the store on a pool
 */
public record Way<S extends Store>(String name, BiFunction<DataSource, Schema, S> open) {

  /** The name of the one that all others are compared with. */
  public static final String FLOOR = "floor";

  /** The name of the one that requirements are about. */
  public static final String HOLDFAST = "Holdfast";

  /** Those for single keys and for maps of keys, the floor first. */
  static List<Way<WriteStore>> forKeys() {
    return List.of(
        new Way<>(FLOOR, Floor::new),
        new Way<>("one function", OneFunction::new),
        new Way<>("naive JDBC", NaiveJdbc::new),
        new Way<>("queue by hand", QueueByHand::new),
        new Way<>(HOLDFAST, HoldfastStore::new));
  }

  /** Those for conversations, the floor first. */
  static List<Way<StepStore>> forConversations() {
    return List.of(
        new Way<>(FLOOR, Floor::new),
        new Way<>("one function", OneFunction::new),
        new Way<>("naive JDBC", NaiveJdbc::new),
        new Way<>("queue by hand", QueueByHand::new),
        new Way<>("single statement", SingleStatement::new),
        new Way<>("rewriting", RewritingJdbc::new),
        new Way<>(HOLDFAST, HoldfastStore::new));
  }
}
