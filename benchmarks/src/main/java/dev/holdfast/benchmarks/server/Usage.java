package dev.holdfast.benchmarks.server;

/**
 * What some work asked of the server. Immutable.
 *
 * @param roundTrips of the pools that the database made for contenders
 * @param commits transactions that wrote, that is, took a transaction number
 * @param walBytes of write-ahead log, without the images of whole pages where the server can tell them apart
 * @param imageBytes of images of whole pages, which follow every checkpoint; 0 where the server cannot tell
 */
public record Usage(long roundTrips, long commits, long walBytes, long imageBytes) {}
