package dev.holdfast.compute;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A result and how it came about. Immutable, if the value is.
 *
 * @param value the result
 * @param fromCache whether it was computed before, or by another thread just now
 * @param time that computing took; zero when it was not computed
 */
public record Computed<O>(@Nullable O value, boolean fromCache, Duration time) {}
