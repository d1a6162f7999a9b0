package dev.holdfast.benchmarks.server;

/**
 * What some work asked of the server. Immutable.
 *
 * @param roundTrips of the pools that the database made for contenders
 * @param commits transactions that wrote, that is, took a transaction number
 * @param walBytes of write-ahead log
 */
public record Usage(long roundTrips, long commits, long walBytes) {}
