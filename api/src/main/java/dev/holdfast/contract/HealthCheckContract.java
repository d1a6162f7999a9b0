package dev.holdfast.contract;

import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;

/**
 * How health is checked. Immutable.
 *
 * @param healthCheckIntervalMs how often health is checked, in milliseconds; 1000 to 300000, {@code 30000} by default; not used yet
 * @param healthCheckTimeoutMs how long one check may take, in milliseconds; 100 to 30000, {@code 5000} by default; not used yet
 * @param failureThreshold failed checks in a row that make a part unhealthy; 1 to 10, {@code 3} by default; not used yet
 * @param recoveryThreshold good checks in a row that make it healthy again; 1 to 10, {@code 2} by default; not used yet
 * @param includeDependencyChecks whether what Holdfast needs is checked, {@code true} by default; not used yet
 * @param includeComponentChecks whether its own parts are checked, {@code true} by default; not used yet
 * @param enableAsyncChecks whether checks run at the same time, {@code true} by default; not used yet
 * @param aggregateCheckResults whether there is one result of all, {@code true} by default; not used yet
 * @param emitHealthEvents whether a change of health is an event, {@code true} by default; not used yet
 * @param healthStatusTtlSeconds how long a result is valid, in seconds; 5 to 3600, {@code 30} by default; not used yet
 */
@Section("health_check")
public record HealthCheckContract(
    @Field(
        value = "30000",
        min = 1000,
        max = 300000,
        planned = true,
        says = "how often health is checked, in milliseconds")
    int healthCheckIntervalMs,

    @Field(
        value = "5000",
        min = 100,
        max = 30000,
        planned = true,
        says = "how long one check may take, in milliseconds")
    int healthCheckTimeoutMs,

    @Field(
        value = "3",
        min = 1,
        max = 10,
        planned = true,
        says = "failed checks in a row that make a part unhealthy")
    int failureThreshold,

    @Field(
        value = "2",
        min = 1,
        max = 10,
        planned = true,
        says = "good checks in a row that make it healthy again")
    int recoveryThreshold,

    @Field(value = "true", planned = true, says = "whether what Holdfast needs is checked")
    boolean includeDependencyChecks,

    @Field(value = "true", planned = true, says = "whether its own parts are checked")
    boolean includeComponentChecks,

    @Field(value = "true", planned = true, says = "whether checks run at the same time")
    boolean enableAsyncChecks,

    @Field(value = "true", planned = true, says = "whether there is one result of all")
    boolean aggregateCheckResults,

    @Field(value = "true", planned = true, says = "whether a change of health is an event")
    boolean emitHealthEvents,

    @Field(
        value = "30",
        min = 5,
        max = 3600,
        planned = true,
        says = "how long a result is valid, in seconds")
    int healthStatusTtlSeconds)
    implements Contract {

  /** The version of these fields and rules. */
  public static final SemanticVersion INTERFACE_VERSION = SemanticVersion.of(1, 0, 0);

  /** Checks every field, then the rules between them. */
  public HealthCheckContract {
    Checks.of(
            HealthCheckContract.class,
            healthCheckIntervalMs,
            healthCheckTimeoutMs,
            failureThreshold,
            recoveryThreshold,
            includeDependencyChecks,
            includeComponentChecks,
            enableAsyncChecks,
            aggregateCheckResults,
            emitHealthEvents,
            healthStatusTtlSeconds)
        .verify();
  }
}
