package dev.holdfast.effect;

import dev.holdfast.store.internal.Durations;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How an effect transaction runs. Immutable: every method returns new options. */
public final class EffectOptions {

  private static final EffectOptions DEFAULTS = new EffectOptions(null);

  private final @Nullable Duration timeout;

  private EffectOptions(@Nullable Duration timeout) {
    this.timeout = timeout;
  }

  /** No timeout. */
  public static EffectOptions defaults() {
    return DEFAULTS;
  }

  /**
   * How long the body may take, 1 ms to 292 years; compensations are not counted. When it is over the thread of the body is interrupted, no
   * further operation begins, and what was done is rolled back.
   */
  public EffectOptions timeout(Duration limit) {
    return new EffectOptions(
        Durations.requireMillis("The timeout of an effect transaction", limit));
  }

  /** How long the body may take; empty for no limit. */
  public Optional<Duration> timeout() {
    return Optional.ofNullable(timeout);
  }
}
