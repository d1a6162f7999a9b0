package dev.holdfast.contract;

import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;

/**
 * Handlers of remote operations. Immutable.
 *
 * @param enableHandlerRegistry whether handlers are found by name, {@code true} by default; not used yet
 * @param enableHandlerValidation whether handlers are checked when they are registered, {@code true} by default; not used yet
 * @param enableHandlerCaching whether handlers that were found are kept, {@code true} by default; not used yet
 * @param enableHandlerLifecycle whether handlers are started and stopped, {@code true} by default; not used yet
 * @param handlerCacheTtlSeconds how long handlers that were found are kept, in seconds; 10 to 3600, {@code 300} by default; not used yet
 * @param maxConcurrentHandlers how many handlers run at once; 1 to 1000, {@code 100} by default; not used yet
 * @param handlerTimeoutMs how long a handler may take, in milliseconds; 1000 to 300000, {@code 30000} by default; not used yet
 */
@Section("effect_handler")
public record EffectHandlerContract(
    @Field(value = "true", planned = true, says = "whether handlers are found by name")
    boolean enableHandlerRegistry,

    @Field(
        value = "true",
        planned = true,
        says = "whether handlers are checked when they are registered")
    boolean enableHandlerValidation,

    @Field(value = "true", planned = true, says = "whether handlers that were found are kept")
    boolean enableHandlerCaching,

    @Field(value = "true", planned = true, says = "whether handlers are started and stopped")
    boolean enableHandlerLifecycle,

    @Field(
        value = "300",
        min = 10,
        max = 3600,
        planned = true,
        says = "how long handlers that were found are kept, in seconds")
    int handlerCacheTtlSeconds,

    @Field(
        value = "100",
        min = 1,
        max = 1000,
        planned = true,
        says = "how many handlers run at once")
    int maxConcurrentHandlers,

    @Field(
        value = "30000",
        min = 1000,
        max = 300000,
        planned = true,
        says = "how long a handler may take, in milliseconds")
    int handlerTimeoutMs)
    implements Contract {

  /** The version of these fields and rules. */
  public static final SemanticVersion INTERFACE_VERSION = SemanticVersion.of(1, 0, 0);

  /** Checks every field, then the rules between them. */
  public EffectHandlerContract {
    Checks.of(
            EffectHandlerContract.class,
            enableHandlerRegistry,
            enableHandlerValidation,
            enableHandlerCaching,
            enableHandlerLifecycle,
            handlerCacheTtlSeconds,
            maxConcurrentHandlers,
            handlerTimeoutMs)
        .verify();
  }
}
