package dev.holdfast.contract;

import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;

/**
 * How health is checked. Immutable.
 *
 * @param healthCheckIntervalMs how often health is checked once somebody has asked, in milliseconds; 1000 to 300000, {@code 30000} by default
 * @param healthCheckTimeoutMs how long one check may take, in milliseconds; 100 to 30000, {@code 5000} by default
 * @param failureThreshold failed checks in a row that make a part unhealthy; 1 to 10, {@code 3} by default
 * @param recoveryThreshold good checks in a row that make it healthy again; 1 to 10, {@code 2} by default
 * @param includeDependencyChecks whether dependencies are checked: the database, the tables, those of the application, {@code true} by default
 * @param includeComponentChecks whether components are checked: the feed, recovery, rollback failures, breakers, {@code true} by default
 * @param enableAsyncChecks whether checks run at the same time, or one after the other, {@code true} by default
 * @param aggregateCheckResults whether there is one status and one score of all, {@code true} by default
 * @param emitHealthEvents whether listeners are told of a change of health, {@code true} by default
 * @param healthStatusTtlSeconds how long a result is valid, in seconds; what is older is checked anew or unknown; 5 to 3600, {@code 30} by default
 */
@Section("health_check")
public record HealthCheckContract(
    @Field(
        value = "30000",
        min = 1000,
        max = 300000,
        says = "how often health is checked once somebody has asked, in milliseconds")
    int healthCheckIntervalMs,

    @Field(
        value = "5000",
        min = 100,
        max = 30000,
        says = "how long one check may take, in milliseconds")
    int healthCheckTimeoutMs,

    @Field(
        value = "3",
        min = 1,
        max = 10,
        says = "failed checks in a row that make a part unhealthy")
    int failureThreshold,

    @Field(value = "2", min = 1, max = 10, says = "good checks in a row that make it healthy again")
    int recoveryThreshold,

    @Field(
        value = "true",
        says =
            "whether dependencies are checked: the database, the tables, those of the application")
    boolean includeDependencyChecks,

    @Field(
        value = "true",
        says = "whether components are checked: the feed, recovery, rollback failures, breakers")
    boolean includeComponentChecks,

    @Field(value = "true", says = "whether checks run at the same time, or one after the other")
    boolean enableAsyncChecks,

    @Field(value = "true", says = "whether there is one status and one score of all")
    boolean aggregateCheckResults,

    @Field(value = "true", says = "whether listeners are told of a change of health")
    boolean emitHealthEvents,

    @Field(
        value = "30",
        min = 5,
        max = 3600,
        says = "how long a result is valid, in seconds; what is older is checked anew or unknown")
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
