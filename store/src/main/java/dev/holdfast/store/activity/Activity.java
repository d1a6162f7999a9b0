package dev.holdfast.store.activity;

import org.jspecify.annotations.Nullable;

/**
 * Something that is being done. Immutable.
 *
 * @param kind what kind of thing
 * @param name which of its kind; applications have few of them
 * @param namespace that of the state, for operations of states only
 * @param subject which one it is, say the id of an effect transaction; there may be as many as there are calls
 */
public record Activity(
    ActivityKind kind,
    String name,
    @Nullable String namespace,
    @Nullable String subject) {

  /** Something that is told apart by its name alone. */
  public static Activity of(ActivityKind kind, String name) {
    return new Activity(kind, name, null, null);
  }

  /** An operation of a state. */
  public static Activity ofState(String name, String namespace) {
    return new Activity(ActivityKind.STATE_OPERATION, name, namespace, null);
  }

  /** A part of something that has an id. */
  public static Activity of(ActivityKind kind, String name, String subject) {
    return new Activity(kind, name, null, subject);
  }
}
