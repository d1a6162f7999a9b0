package dev.holdfast.store.retention;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.internal.Durations;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The one kind of {@link RetentionPolicy}. */
record RetentionRules(@Nullable Long most, @Nullable Duration youngest) implements RetentionPolicy {

  static final RetentionPolicy CLEARED = new RetentionRules(null, null);

  @Override
  public RetentionPolicy orVersions(long number) {
    if (number < 0) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT, "A policy keeps 0 or more versions, not " + number);
    }
    return new RetentionRules(number, youngest);
  }

  @Override
  public RetentionPolicy orYoungerThan(Duration duration) {
    return new RetentionRules(
        most, Durations.requireCountable("The age that a policy keeps", duration));
  }

  @Override
  public OptionalLong versions() {
    return most == null ? OptionalLong.empty() : OptionalLong.of(most);
  }

  @Override
  public Optional<Duration> age() {
    return Optional.ofNullable(youngest);
  }

  @Override
  public String toString() {
    return "RetentionPolicy[versions=" + most + ", age=" + youngest + "]";
  }
}
