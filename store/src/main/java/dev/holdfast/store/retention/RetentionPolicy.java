package dev.holdfast.store.retention;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Which versions stay readable. A version is kept when any rule keeps it; always kept are the newest version, versions that have a tag, and
 * what was not cleared when there is no rule. Immutable.
 */
public final class RetentionPolicy {

  private static final RetentionPolicy CLEARED = new RetentionPolicy(null, null);

  private final @Nullable Long versions;
  private final @Nullable Duration age;

  private RetentionPolicy(@Nullable Long versions, @Nullable Duration age) {
    this.versions = versions;
    this.age = age;
  }

  /** Clears nothing, and removes only what {@code clearHistory} and earlier runs made unreadable. */
  public static RetentionPolicy removeCleared() {
    return CLEARED;
  }

  /**
   * Keeps the newest change sets of each state, and the version before them, so that each can be undone.
   *
   * @param versions how many, 0 or more
   */
  public static RetentionPolicy keepVersions(long versions) {
    return CLEARED.orVersions(versions);
  }

  /** Keeps the change sets that are younger than this, and the version before them; the newest version is kept in any case. */
  public static RetentionPolicy keepYoungerThan(Duration age) {
    return CLEARED.orYoungerThan(age);
  }

  /** The same policy, which keeps so many of the newest change sets as well. */
  public RetentionPolicy orVersions(long number) {
    if (number < 0) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT, "A policy keeps 0 or more versions, not " + number);
    }
    return new RetentionPolicy(number, age);
  }

  /** The same policy, which keeps what is younger than this as well. */
  public RetentionPolicy orYoungerThan(Duration duration) {
    if (duration.isNegative()) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "A policy keeps what is younger than 0 or more, not " + duration);
    }
    return new RetentionPolicy(versions, duration);
  }

  /** How many of the newest change sets are kept; empty when there is no such rule. */
  public OptionalLong versions() {
    return versions == null ? OptionalLong.empty() : OptionalLong.of(versions);
  }

  /** What is younger is kept; empty when there is no such rule. */
  public Optional<Duration> age() {
    return Optional.ofNullable(age);
  }

  /** The rules, for messages. */
  @Override
  public String toString() {
    return "RetentionPolicy[versions=" + versions + ", age=" + age + "]";
  }
}
