package dev.holdfast.contract;

import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;
import java.util.Locale;

/**
 * How events reach listeners. Immutable.
 *
 * @param eventBusEnabled whether events are sent at all, {@code true} by default
 * @param eventBusType what carries events, {@code hybrid} by default
 * @param enableEventLogging whether events are logged, {@code true} by default
 * @param correlationTracking whether events carry correlation ids, {@code true} by default
 * @param enableEventValidation whether events are validated, {@code true} by default
 * @param eventRetentionSeconds how long events are kept, in seconds; 0 to 86400, {@code 3600} by default
 * @param maxRetryAttempts attempts after the first to deliver an event; 0 to 10, {@code 3} by default
 * @param retryDelayMs the pause before an event is delivered again, in milliseconds; 0 to 10000, {@code 1000} by default
 * @param gracefulDegradation whether a failing listener leaves the others alone, {@code true} by default
 * @param enableDeadLetterQueue whether events that cannot be delivered are kept, {@code true} by default
 * @param routingKeyStrategy how listeners are chosen, {@code type_based} by default
 * @param eventBatchSize how many events are delivered at once; 1 to 1000, {@code 1} by default
 * @param eventBufferSize how many events wait at most; 10 to 10000, {@code 100} by default
 * @param publishTimeoutMs how long publishing may wait, in milliseconds; 100 to 30000, {@code 5000} by default
 */
@Section("event_bus")
public record EventBusContract(
    @Field(
        value = "true",
        says = "whether events are sent at all, and changes can be followed through the bus")
    boolean eventBusEnabled,

    @Field(
        value = "hybrid",
        only = {"memory", "hybrid"},
        because = "there is no publisher for it",
        says =
            "what carries events: listeners of this process alone, or the feed of changes as well")
    Type eventBusType,

    @Field(
        value = "true",
        says = "whether published events are logged, at DEBUG and without payload")
    boolean enableEventLogging,

    @Field(
        value = "true",
        says = "whether events carry correlation ids, by default that of the MDC")
    boolean correlationTracking,

    @Field(value = "true", says = "whether names and payloads of events are validated")
    boolean enableEventValidation,

    @Field(
        value = "3600",
        min = 0,
        max = 86400,
        says = "how long events that a listener did not get are kept, in seconds")
    int eventRetentionSeconds,

    @Field(value = "3", min = 0, max = 10, says = "attempts after the first to deliver an event")
    int maxRetryAttempts,

    @Field(
        value = "1000",
        min = 0,
        max = 10000,
        says = "the pause before an event is delivered again, in milliseconds")
    int retryDelayMs,

    @Field(
        value = "true",
        says =
            "whether publishing goes on without a listener that has no room; otherwise it throws")
    boolean gracefulDegradation,

    @Field(value = "true", says = "whether events that cannot be delivered are kept")
    boolean enableDeadLetterQueue,

    @Field(value = "type_based", says = "what the key of a listener is compared with")
    Routing routingKeyStrategy,

    @Field(
        value = "1",
        min = 1,
        max = 1000,
        says = "how many events a listener is called with at most")
    int eventBatchSize,

    @Field(
        value = "100",
        min = 10,
        max = 10000,
        says = "how many events wait for a listener at most")
    int eventBufferSize,

    @Field(
        value = "5000",
        min = 100,
        max = 30000,
        says = "how long publishing waits for a listener to have room, in milliseconds")
    int publishTimeoutMs)
    implements Contract {

  /** The version of these fields and rules. */
  public static final SemanticVersion INTERFACE_VERSION = SemanticVersion.of(1, 0, 0);

  /** Checks every field, then the rules between them. */
  public EventBusContract {
    Checks.of(
            EventBusContract.class,
            eventBusEnabled,
            eventBusType,
            enableEventLogging,
            correlationTracking,
            enableEventValidation,
            eventRetentionSeconds,
            maxRetryAttempts,
            retryDelayMs,
            gracefulDegradation,
            enableDeadLetterQueue,
            routingKeyStrategy,
            eventBatchSize,
            eventBufferSize,
            publishTimeoutMs)
        .verify();
  }

  /** What carries events. */
  public enum Type {
    /** A broker. */
    REDIS,
    /** A broker. */
    KAFKA,
    /** Listeners of this process. */
    MEMORY,
    /** Listeners of this process, and the durable feed of changes. */
    HYBRID;

    /** The name in YAML. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How listeners are chosen. */
  public enum Routing {
    /** By the type of the event. */
    TYPE_BASED,
    /** By priority. */
    PRIORITY_BASED,
    /** All of them. */
    BROADCAST,
    /** By topic. */
    TOPIC_BASED;

    /** The name in YAML. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
