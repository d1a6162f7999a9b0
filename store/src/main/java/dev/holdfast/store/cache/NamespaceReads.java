package dev.holdfast.store.cache;

/**
 * How cached reads of the states of one namespace went in this process. A copy: it does not change.
 *
 * @param hits reads answered from memory
 * @param misses reads that asked the database
 */
public record NamespaceReads(long hits, long misses) {}
