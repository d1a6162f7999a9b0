package dev.holdfast.benchmarks.server;

/**
 * A stretch of write-ahead log. Immutable.
 *
 * @param begin where it begins, included
 * @param end where it ends, excluded
 * @param bytes its length
 */
public record WalRange(String begin, String end, long bytes) {}
