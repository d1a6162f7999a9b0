package dev.holdfast.store.cache;

import java.time.Duration;

/**
 * How the cache of states did in this process. A copy: it does not change.
 *
 * @param states how many states are in memory, about
 * @param weight how much they take, in bytes as estimated
 * @param hits reads answered from memory; 0 when they are not counted
 * @param misses reads that asked the database; 0 when they are not counted
 * @param refreshes how many of those brought only what had changed
 * @param evictions states that made room for others
 * @param expirations states that were not read for long, and reads of states about which the database had not been asked for long
 * @param polls how often the database was asked what had changed
 * @param failures how often that failed
 * @param resets how often everything was forgotten because the watch on the database was interrupted
 * @param vouched how long ago it was known what was current; a very long time before the first poll
 */
public record ReadCacheMetrics(
    long states,
    long weight,
    long hits,
    long misses,
    long refreshes,
    long evictions,
    long expirations,
    long polls,
    long failures,
    long resets,
    Duration vouched) {}
