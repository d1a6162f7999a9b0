package dev.holdfast.contract.caching;

import dev.holdfast.contract.ContractPart;
import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;

/**
 * How entries are shared by processes. Immutable. All of it is fixed: nothing is shared, each process keeps its own entries true.
 *
 * @param distributedEnabled whether entries are shared by processes, {@code false} by default
 * @param consistencyLevel how close shared entries are, {@code eventual} by default
 * @param replicationFactor how many copies of an entry there are; 1 or more, {@code 2} by default
 * @param partitionStrategy which process holds an entry, {@code consistent_hash} by default
 * @param syncIntervalMs how often entries are exchanged, in milliseconds; 1000 or more, {@code 30000} by default
 * @param conflictResolution which of two entries is kept, {@code last_writer_wins} by default
 */
@Section("caching.distribution_config")
public record DistributionConfig(
    @Field(
        value = "false",
        only = "false",
        because =
            "the database is what processes share; each keeps its own entries true by watching it",
        says = "whether entries are shared by processes")
    boolean distributedEnabled,

    @Field(
        value = "eventual",
        min = 1,
        only = "eventual",
        because =
            "no entries are shared; how current a read is says its mode: STRICT, CACHED or at least a version",
        says = "how close shared entries are")
    String consistencyLevel,

    @Field(
        value = "2",
        min = 1,
        only = "2",
        because = "no entries are shared, so there are no copies of them",
        says = "how many copies of an entry there are")
    int replicationFactor,

    @Field(
        value = "consistent_hash",
        min = 1,
        only = "consistent_hash",
        because = "no entries are shared: every process holds what it reads",
        says = "which process holds an entry")
    String partitionStrategy,

    @Field(
        value = "30000",
        min = 1000,
        only = "30000",
        because = "no entries are exchanged",
        says = "how often entries are exchanged, in milliseconds")
    int syncIntervalMs,

    @Field(
        value = "last_writer_wins",
        min = 1,
        only = "last_writer_wins",
        because = "entries cannot be in conflict: the newer version of a state replaces the older",
        says = "which of two entries is kept")
    String conflictResolution)
    implements ContractPart {

  /** Checks every field. */
  public DistributionConfig {
    Checks.of(
            DistributionConfig.class,
            distributedEnabled,
            consistencyLevel,
            replicationFactor,
            partitionStrategy,
            syncIntervalMs,
            conflictResolution)
        .verify();
  }
}
