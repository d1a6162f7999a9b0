package dev.holdfast.contract.caching;

import dev.holdfast.contract.ContractPart;
import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;
import java.util.List;

/**
 * What costs memory or time. Immutable. All of it is fixed: some of it is set elsewhere in the caching contract, the rest is not there.
 *
 * @param maxMemoryMb the memory of the cache, in MiB; 1 or more, {@code 1024} by default
 * @param evictionPolicy which entry makes room, {@code lru} by default
 * @param preloadEnabled whether entries are loaded at the start, {@code false} by default
 * @param preloadPatterns which entries are loaded at the start, {@code []} by default
 * @param compressionEnabled whether entries are compressed, {@code false} by default
 * @param compressionThresholdBytes from which size on entries are compressed, in bytes; 0 or more, {@code 1024} by default
 * @param asyncWrites whether other processes learn of a write behind its caller, {@code true} by default
 * @param readThrough whether the cache, instead of the reader, reads what is missing, {@code false} by default
 * @param writeThrough whether the cache writes what is put into it, {@code false} by default
 * @param writeBehind whether the cache writes later what is put into it, {@code false} by default
 */
@Section("caching.performance_config")
public record PerformanceConfig(
    @Field(
        value = "1024",
        min = 1,
        only = "1024",
        because = "caching.max_memory_mb bounds the memory",
        says = "the memory of the cache, in MiB")
    int maxMemoryMb,

    @Field(
        value = "lru",
        min = 1,
        only = "lru",
        because = "caching.cache_strategy says which entry makes room",
        says = "which entry makes room")
    String evictionPolicy,

    @Field(
        value = "false",
        only = "false",
        because = "caching.warm_up_enabled says whether states are loaded at the start",
        says = "whether entries are loaded at the start")
    boolean preloadEnabled,

    @Field(
        value = "[]",
        only = "[]",
        because = "caching.warm_up_sources says which states are loaded at the start",
        says = "which entries are loaded at the start")
    List<String> preloadPatterns,

    @Field(
        value = "false",
        only = "false",
        because = "a read that had to decompress its state would take longer than memory is worth",
        says = "whether entries are compressed")
    boolean compressionEnabled,

    @Field(
        value = "1024",
        min = 0,
        only = "1024",
        because = "entries are never compressed",
        says = "from which size on entries are compressed, in bytes")
    int compressionThresholdBytes,

    @Field(
        value = "true",
        only = "true",
        because =
            "a write returns when it is committed, and is announced to other processes behind it; it does not wait for them",
        says = "whether other processes learn of a write behind its caller")
    boolean asyncWrites,

    @Field(
        value = "false",
        only = "false",
        because = "the thread that misses a state reads it, and keeps it for the others",
        says = "whether the cache, instead of the reader, reads what is missing")
    boolean readThrough,

    @Field(
        value = "false",
        only = "false",
        because = "nothing is put into the cache: it learns of a write when it is committed",
        says = "whether the cache writes what is put into it")
    boolean writeThrough,

    @Field(
        value = "false",
        only = "false",
        because = "a write that is not in the database yet would be lost with the process",
        says = "whether the cache writes later what is put into it")
    boolean writeBehind)
    implements ContractPart {

  /** Checks every field. */
  public PerformanceConfig {
    preloadPatterns = List.copyOf(preloadPatterns);
    Checks.of(
            PerformanceConfig.class,
            maxMemoryMb,
            evictionPolicy,
            preloadEnabled,
            preloadPatterns,
            compressionEnabled,
            compressionThresholdBytes,
            asyncWrites,
            readThrough,
            writeThrough,
            writeBehind)
        .verify();
  }
}
