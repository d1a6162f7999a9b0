package dev.holdfast.contract;

import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;

/**
 * Handlers of remote operations. Immutable.
 *
 * @param enableHandlerRegistry whether handlers are found by name, {@code true} by default
 * @param enableHandlerValidation whether requests and responses are validated, {@code true} by default
 * @param enableHandlerCaching whether handlers that were found are kept, {@code true} by default
 * @param enableHandlerLifecycle whether handlers are started and stopped, {@code true} by default
 * @param handlerCacheTtlSeconds how long handlers that were found are kept, in seconds; 10 to 3600, {@code 300} by default
 * @param maxConcurrentHandlers how many calls of handlers are under way at once in a process; 1 to 1000, {@code 100} by default
 * @param handlerTimeoutMs how long a call may take of a handler that says nothing itself, in milliseconds; 1000 to 300000,
 *     {@code 30000} by default
 */
@Section("effect_handler")
public record EffectHandlerContract(
    @Field(
        value = "true",
        only = "true",
        because = "handlers are found by name and in no other way",
        says = "whether handlers are found by name")
    boolean enableHandlerRegistry,

    @Field(value = "true", says = "whether requests and responses are validated")
    boolean enableHandlerValidation,

    @Field(
        value = "true",
        only = "true",
        because = "handlers are in memory, so there is nothing to cache",
        says = "whether handlers that were found are kept")
    boolean enableHandlerCaching,

    @Field(value = "true", says = "whether handlers are started and stopped")
    boolean enableHandlerLifecycle,

    @Field(
        value = "300",
        min = 10,
        max = 3600,
        only = "300",
        because = "handlers are in memory, so there is nothing to cache",
        says = "how long handlers that were found are kept, in seconds")
    int handlerCacheTtlSeconds,

    @Field(
        value = "100",
        min = 1,
        max = 1000,
        says = "how many calls of handlers are under way at once in a process")
    int maxConcurrentHandlers,

    @Field(
        value = "30000",
        min = 1000,
        max = 300000,
        says = "how long a call of a handler may take that says nothing itself, in milliseconds")
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
