package dev.holdfast;

import dev.holdfast.contract.Contracts;
import dev.holdfast.contract.EffectHandlerContract;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.handler.HandlerSettings;
import dev.holdfast.effect.retry.RetryPolicy;
import java.time.Duration;
import java.util.Optional;

/** What contracts say of effect transactions. A handler that says something itself wins over them. */
final class EffectRules {

  private EffectRules() {}

  /** Tells the builder; without contracts it keeps its own defaults. */
  static void apply(Contracts contracts, Effects.Builder builder) {
    builder.handlers(handlers(contracts));
    if (contracts.transaction().transactionEnabled()) {
      builder.steps(contracts.transaction().options());
    } else {
      builder.withoutSteps();
    }
  }

  private static HandlerSettings handlers(Contracts contracts) {
    EffectHandlerContract contract = contracts.effectHandler();
    RetryPolicy retry = contracts.retry().policy();
    HandlerSettings settings = HandlerSettings.defaults()
        .timeout(Duration.ofMillis(contract.handlerTimeoutMs()))
        .concurrentCalls(contract.maxConcurrentHandlers())
        .retry(retry)
        .compensationRetry(retry);
    Optional<BreakerPolicy> breaker = breaker(contracts);
    if (breaker.isPresent()) {
      settings = settings.breaker(breaker.get());
    }
    if (!contract.enableHandlerValidation()) {
      settings = settings.withoutValidation();
    }
    return contract.enableHandlerLifecycle() ? settings : settings.withoutLifecycle();
  }

  /** The breaker that the retry contract asks for is the more special one. */
  private static Optional<BreakerPolicy> breaker(Contracts contracts) {
    Optional<BreakerPolicy> beforeAttempts = contracts.retry().breaker();
    if (beforeAttempts.isPresent()) {
      return beforeAttempts;
    }
    return contracts.circuitBreaker().enabled()
        ? Optional.of(contracts.circuitBreaker().policy())
        : Optional.empty();
  }
}
