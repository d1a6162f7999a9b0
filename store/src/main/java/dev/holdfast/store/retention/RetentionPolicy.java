package dev.holdfast.store.retention;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which versions stay readable. A version is kept when any rule keeps it; always kept are the newest version, versions that have a tag, and
 * what was not cleared when there is no rule. Immutable.
 *
 * <p>An interface, because {@code RetentionPolicy.keepVersions(…).keepYoungerThan(…)} would compile for a class and forget the first rule: a
 * static method can be called on an object of a class, and not on one of an interface.
 */
public sealed interface RetentionPolicy permits RetentionRules {

  /** Clears nothing, and removes only what {@code clearHistory} and earlier runs made unreadable. */
  static RetentionPolicy removeCleared() {
    return RetentionRules.CLEARED;
  }

  /**
   * Keeps the newest change sets of each state, and the version before them, so that each can be undone.
   *
   * @param versions how many, 0 or more
   */
  static RetentionPolicy keepVersions(long versions) {
    return removeCleared().orVersions(versions);
  }

  /**
   * Keeps the change sets that are younger than this, and the version before them; the newest version is kept in any case.
   *
   * @param age 0 to 292 years
   */
  static RetentionPolicy keepYoungerThan(Duration age) {
    return removeCleared().orYoungerThan(age);
  }

  /** The same policy, which keeps so many of the newest change sets as well. */
  RetentionPolicy orVersions(long number);

  /** The same policy, which keeps what is younger than this as well, 0 to 292 years. */
  RetentionPolicy orYoungerThan(Duration duration);

  /** How many of the newest change sets are kept; empty when there is no such rule. */
  OptionalLong versions();

  /** What is younger is kept; empty when there is no such rule. */
  Optional<Duration> age();
}
