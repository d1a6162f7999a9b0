package dev.holdfast.store;

/**
 * How often the operations of a state, or of all states of a store, were called in this process. A copy: it does not change.
 *
 * @param gets reads of one key: get, getRequired, find, has
 * @param sets keys written, whatever the call; a batch of k keys counts k
 * @param snapshots calls of {@link State#snapshot()}
 * @param cacheHits snapshots answered from memory after the database confirmed the version, and all reads that the read cache answered
 * @param cacheMisses snapshots that read the values from the database
 * @param conflicts writes that found the state or the key changed since it was read, retried or not
 */
public record StateMetrics(
    long gets, long sets, long snapshots, long cacheHits, long cacheMisses, long conflicts) {}
