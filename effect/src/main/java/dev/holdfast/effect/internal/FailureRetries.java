package dev.holdfast.effect.internal;

import dev.holdfast.effect.retry.RetryPolicy;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * When rollback failures are retried by themselves. Immutable.
 *
 * @param policy counts all attempts, the first included; null for never
 */
record FailureRetries(@Nullable RetryPolicy policy) {

  /** The pause in milliseconds after so many attempts; null when there is no further one. */
  @Nullable
  Long pauseAfter(int attempts) {
    return policy == null
        ? null
        : policy
            .delayBefore(attempts + 1, ThreadLocalRandom.current())
            .map(Duration::toMillis)
            .orElse(null);
  }
}
